import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { readFileTimes, slowestTable } from './slowest.ts'

/**
 * The closing lines of `make test`: a table of the slowest files, what failed and why, and last, alone on its line, the
 * verdict. It counts tests (and the lint as one, if it ran), and fails when the runner did, or when nothing ran. Arguments:
 * the runner's JSON report, how the lint went (passed, failed or none), the runner's exit code, and the file that holds
 * each file's time.
 */
const ofTest = z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).default([]) })
const ofFile = z.object({
  name: z.string(),
  status: z.string(),
  message: z.string().default(''),
  assertionResults: z.array(ofTest).default([]),
})
const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numTotalTests: z.int(),
  numFailedTestSuites: z.int(),
  testResults: z.array(ofFile).default([]),
})

const [file = '', lint = 'failed', code = '1', times] = process.argv.slice(2)
const counts = readReport(file)
// A file that fails before its first test counts too: otherwise its loss would go unseen.
const broken = counts.numFailedTests === 0 && code !== '0' ? Math.max(1, counts.numFailedTestSuites) : 0
const failed = counts.numFailedTests + broken + (lint === 'failed' ? 1 : 0)
const passed = counts.numPassedTests + (lint === 'passed' ? 1 : 0)
const unrun = counts.numTotalTests - counts.numPassedTests - counts.numFailedTests
if (times !== undefined) tellSlowest(times)
for (const line of failures()) console.log(line)
if (lint === 'failed') console.log('failed: lint')
if (unrun > 0) console.log(`${unrun} tests did not run`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && counts.numPassedTests > 0 ? 0 : 1

function readReport(path: string): z.infer<typeof report> {
  try {
    return report.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    console.log(`the test runner left no report: ${error instanceof Error ? error.message : String(error)}`)
    return { numPassedTests: 0, numFailedTests: 1, numTotalTests: 0, numFailedTestSuites: 1, testResults: [] }
  }
}

/** Who sees only the end of the output still knows what failed: each test with the beginning of its reason. */
function failures(): string[] {
  return counts.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const place = relative(process.cwd(), name)
    const failed = assertionResults.filter(test => test.status === 'failed')
    if (status === 'failed' && failed.length === 0) return [`failed: ${place}`, ...beginning(message)]
    return failed.flatMap(({ fullName, failureMessages }) => [
      `failed: ${place}: ${fullName.trim()}`,
      ...failureMessages.flatMap(beginning),
    ])
  })
}

function beginning(reason: string): string[] {
  const lines = stripVTControlCharacters(reason).split('\n')
  const own = lines.filter(line => line.trim() !== '' && !line.includes('node_modules'))
  return own.slice(0, 12).map(line => `    ${line.slice(0, 300)}`)
}

/** The table is for people: without it the verdict is the same. */
function tellSlowest(path: string): void {
  try {
    console.log(`\n${slowestTable(readFileTimes(path))}\n`)
  } catch (error) {
    console.log(`there is no table of the slowest files: ${error instanceof Error ? error.message : String(error)}`)
  }
}
