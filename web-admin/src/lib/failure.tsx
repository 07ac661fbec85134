// Why work in the background stands still. Programs keep a code or a line in English; people read a sentence, and the line itself
// stays within reach of whoever supports them.
import { Alert, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useCan } from './can'
import { useT, type Key } from './i18n'

/** Refusals that work in the background runs into. */
const refusals: Record<string, Key> = { NO_OPEN_PERIOD: 'failure.noOpenPeriod', MISSING_SETTING: 'failure.missingSetting' }

/** What is told of an error: the words of its code, which may follow what met it, or that the work failed. */
export function failureOf(error: string): { words: Key; known: boolean } {
  const code = /(?:^|: )([A-Z][A-Z0-9_]+)$/.exec(error.trim())?.[1]
  const words = code && refusals[code]
  return words ? { words, known: true } : { words: 'failure.text', known: false }
}

/** `small`: under the state in a table. */
export function Failure({ error, small = false }: { error: string; small?: boolean }) {
  const t = useT()
  const can = useCan()
  const { words, known } = failureOf(error)
  const told = (
    <>
      <Text size={small ? 'xs' : 'sm'} {...(small ? { c: 'red.9' } : {})}>
        {t(words)}{' '}
        {can('JOB_READ') && <Link className="row-link" to="/jobs">{t('jobs.open')}</Link>}
      </Text>
      {!known && (
        <details>
          <summary><Text span size="xs">{t('failure.details')}</Text></summary>
          <Text size="xs" c="dimmed" lang="en" style={{ overflowWrap: 'anywhere' }}>{error}</Text>
        </details>
      )}
    </>
  )
  return small ? <div>{told}</div> : <Alert color="red" role="alert">{told}</Alert>
}
