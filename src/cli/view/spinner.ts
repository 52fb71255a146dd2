const turns = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** How often the picture changes, ms. */
export const frame = 100

/** A sign that turns with the time, ms. */
export const spinner = (time: number): string => turns[Math.floor(time / frame) % turns.length] ?? ''
