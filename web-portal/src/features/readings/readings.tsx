import { useState, type FormEvent } from 'react'
import { Alert, Button, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from 'urql'
import {
  Answer, Chip, Confirm, Empty, Problem, Refusals, Waiting, errorOf, newKey, parseDecimal, useAct, useFormat, usePages, useSay, useTitle, type Tone,
} from '@aiscra/ui'
import { graphql, type ReadingHistoryQuery, type ReadingSubmitMutation, type ReadingsQuery, type Verdict } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Readings {
    me {
      id
      account {
        id
        points { id hot meter { id serial } lastReading { id value takenOn } }
      }
    }
  }
`)

const historyQuery = graphql(`
  query ReadingHistory($after: String) {
    me {
      id
      account {
        id
        readings(first: 24, after: $after) {
          nodes { id period takenOn value consumption verdict reasons { code message } decidedWhy withdrawableUntil meter { id serial hot } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
`)

const withdraw = graphql(`
  mutation ReadingWithdraw($input: ReadingWithdrawInput!) {
    readingWithdraw(input: $input) { reading { id verdict } errors { code field message } }
  }
`)

const submit = graphql(`
  mutation ReadingSubmit($input: ReadingSubmitInput!) {
    readingSubmit(input: $input) {
      reading { id period takenOn value verdict reasons { code message } consumption estimate { gross } }
      errors { code field message }
    }
  }
`)

const tone: Record<Verdict, Tone> = { ACCEPTED: 'good', DOUBTFUL: 'warn', REJECTED: 'bad', SUPERSEDED: 'plain', WITHDRAWN: 'plain' }
type Point = ReadingsQuery['me']['account']['points'][number]

export function Readings() {
  const t = useT()
  useTitle(t('nav.readings'))
  const [result, refetch] = useQuery({ query })
  // A reading sent or taken back makes the list anew.
  const [stamp, setStamp] = useState(0)
  // The answer to a reading that was taken back is no answer any more.
  const [takenBack, setTakenBack] = useState(0)
  const again = () => {
    refetch({ requestPolicy: 'network-only' })
    setStamp((now) => now + 1)
  }
  return (
    <Answer result={result} retry={again} lines={6}>
      {({ me: { account } }) => {
        const metered = account.points.filter((point) => point.meter)
        return (
          <Stack>
            <div>
              <Title order={1} fz={24}>{t('nav.readings')}</Title>
              <Text c="dimmed">{t('readings.lead')}</Text>
            </div>
            {metered.length === 0 && <Empty title={t('readings.noMeters')} />}
            {metered.map((point) => <Form key={`${point.id}-${takenBack}`} point={point} onDone={again} />)}
            <History key={stamp} onChange={() => { setTakenBack((now) => now + 1); again() }} />
          </Stack>
        )
      }}
    </Answer>
  )
}

type Row = ReadingHistoryQuery['me']['account']['readings']['nodes'][number]

/** Everything sent; what still stands for an open month can be taken back. */
function History({ onChange }: { onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const say = useSay()
  const pages = usePages(historyQuery, {}, (data) => data.me.account.readings)
  const act = useAct(withdraw)
  const [asking, setAsking] = useState<Row | null>(null)
  const take = async (row: Row) => {
    if (await act.run({ id: row.id })) {
      say(t('readings.withdrawn'))
      onChange()
    }
  }
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting lines={6} />
  if (pages.rows.length === 0) return null
  return (
    <>
      <Title order={2} fz="lg">{t('readings.history')}</Title>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      <ul className="list">
        {pages.rows.map((row) => (
          <li key={row.id} className="tile" style={{ alignItems: 'flex-start' }}>
            <div className="grow">
              <Text fw={600} className="tab">{format.volume(row.value)}</Text>
              <Text size="sm" c="dimmed">
                {format.date(row.takenOn)}
                {row.meter && <> · {row.meter.hot ? t('readings.hot') : t('readings.cold')}, <span className="tab">{row.meter.serial}</span></>}
              </Text>
              {row.consumption && <Text size="sm" c="dimmed">{t('readings.used', { volume: format.volume(row.consumption) })}</Text>}
              {row.reasons.map((reason) => <Text key={reason.code} size="sm">{reason.message}</Text>)}
              {row.decidedWhy && <Text size="sm">{t('readings.decidedWhy', { words: row.decidedWhy })}</Text>}
            </div>
            <Stack gap={6} align="flex-end">
              <Chip tone={tone[row.verdict]}>{t(`enum.Verdict.${row.verdict}`)}</Chip>
              {row.withdrawableUntil && (
                <>
                  <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => setAsking(row)}>{t('readings.withdraw')}</Button>
                  <Text size="xs" c="dimmed" ta="right">{t('readings.withdrawUntil', { date: format.date(row.withdrawableUntil) })}</Text>
                </>
              )}
            </Stack>
          </li>
        ))}
      </ul>
      {pages.more.has && <Button fullWidth variant="default" loading={pages.more.busy} onClick={pages.more.load}>{t('app.more')}</Button>}
      <Confirm
        opened={asking !== null} title={t('readings.withdrawTitle')} yes={t('readings.withdraw')} onClose={() => setAsking(null)}
        onYes={() => { if (asking) void take(asking) }}
      >
        {asking && (
          <>
            <Text size="sm">{t('readings.withdrawText', { value: format.volume(asking.value), date: format.date(asking.takenOn) })}</Text>
            <Text size="sm" c="dimmed" mt={6}>{t('readings.withdrawAfter', { period: format.period(asking.period) })}</Text>
          </>
        )}
      </Confirm>
    </>
  )
}

function Form({ point, onDone }: { point: Point; onDone: () => void }) {
  const t = useT()
  const format = useFormat()
  const act = useAct(submit)
  const [value, setValue] = useState('')
  const [bad, setBad] = useState(false)
  const [reference, setReference] = useState(newKey)
  const [answer, setAnswer] = useState<ReadingSubmitMutation['readingSubmit'] | null>(null)
  const name = `${point.hot ? t('readings.hot') : t('readings.cold')} · ${point.meter!.serial}`

  const send = async (event: FormEvent) => {
    event.preventDefault()
    const exact = parseDecimal(value, 3)
    setBad(!exact)
    if (!exact) return
    const done = await act.run({ pointId: point.id, value: exact, clientRef: reference })
    if (!done) return
    setAnswer(done)
    setReference(newKey())
    setValue('')
    onDone()
  }
  return (
    <Paper withBorder p="md" component="section" aria-label={name}>
      <form noValidate onSubmit={(event) => void send(event)}>
        <Stack gap="sm">
          <div>
            <Title order={2} fz="md">{name}</Title>
            <Text size="sm" c="dimmed">
              {point.lastReading
                ? t('home.last', { value: format.volume(point.lastReading.value), date: format.shortDate(point.lastReading.takenOn) })
                : t('home.noReading')}
            </Text>
          </div>
          <TextInput
            size="md" label={t('readings.newValue')} inputMode="decimal" required value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
            error={bad ? t('readings.badValue') : errorOf(act.errors, 'value')}
          />
          <Refusals errors={act.errors} shown={['value']} />
          {act.broken && <Problem error={act.broken} />}
          <Button size="md" type="submit" loading={act.busy}>{t('readings.send')}</Button>
          {answer?.reading && (
            <Alert role="status" color={answer.reading.verdict === 'ACCEPTED' ? 'teal' : answer.reading.verdict === 'REJECTED' ? 'red' : 'orange'}>
              <Stack gap={4} align="flex-start">
                <Chip tone={tone[answer.reading.verdict]}>{t(`enum.Verdict.${answer.reading.verdict}`)}</Chip>
                {answer.reading.reasons.map((reason) => <Text key={reason.code} size="sm">{reason.message}</Text>)}
                {answer.reading.consumption && <Text size="sm">{t('readings.used', { volume: format.volume(answer.reading.consumption) })}</Text>}
                {answer.reading.verdict === 'ACCEPTED' && <Text size="sm">{t('readings.counts', { period: format.period(answer.reading.period) })}</Text>}
                {answer.reading.estimate && <Text fw={600}>{t('readings.costs', { sum: format.money(answer.reading.estimate.gross) })}</Text>}
              </Stack>
            </Alert>
          )}
        </Stack>
      </form>
    </Paper>
  )
}
