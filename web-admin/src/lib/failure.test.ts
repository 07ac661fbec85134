import { expect, it } from 'vitest'
import { failureOf } from './failure'

it('tells a refusal by its code, wherever the work met it, and everything else in one sentence', () => {
  expect(failureOf('NO_OPEN_PERIOD')).toEqual({ words: 'failure.noOpenPeriod', known: true })
  expect(failureOf('Custom Error: the books refuse the correction: MISSING_SETTING')).toEqual({ words: 'failure.missingSetting', known: true })
  expect(failureOf('Execution Error: error returned from database: deadlock detected')).toEqual({ words: 'failure.text', known: false })
  expect(failureOf('SOMETHING_ELSE')).toEqual({ words: 'failure.text', known: false })
})
