/** What stands between the commas of a text, without blanks around it; nothing between two commas is nothing. */
export const commaParts = (text: string): string[] =>
  text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
