import { useState, type FormEvent } from 'react'
import { Alert, Box, Button, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core'
import {
  Chip, PagedTable, Empty, Problem, Refusals, errorOf, newKey, parseDecimal, useAct, useFormat, usePages, type Tone,
} from '@aiscra/ui'
import { graphql, type ReadingSubmitMutation, type Verdict } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { AmendButton } from '../amendments/form'
import { Decision, useDecision } from './decide'
import { TakeBack } from './take-back'

const query = graphql(`
  query AccountReadings($id: ID!, $after: String) {
    account(id: $id) {
      id
      readings(first: 24, after: $after) {
        nodes {
          id period takenOn value channel verdict reasons { code message } decidedBy decidedWhy consumption rolledOver receivedAt receivedBy withdrawableUntil
          meter { id serial }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
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

export const verdictTone: Record<Verdict, Tone> = {
  ACCEPTED: 'good', DOUBTFUL: 'warn', REJECTED: 'bad', SUPERSEDED: 'plain', WITHDRAWN: 'plain',
}

interface Props {
  account: { id: string; points: readonly { id: string; hot: boolean; meter?: { serial: string } | null }[] }
  onChange: () => void
}

export function ReadingsTab({ account, onChange }: Props) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const codes = useCodes()
  const pages = usePages(query, { id: account.id }, (data) => data.account?.readings)
  const [rejecting, setRejecting] = useState<string | null>(null)
  const changed = () => {
    pages.refresh()
    onChange()
  }
  const decision = useDecision(changed)
  return (
    <Stack>
      {can('READING_WRITE') && <ReadingForm account={account} onDone={changed} />}
      {decision.refused}
      <Paper withBorder>
        <PagedTable
          caption={t('readings.title')} pages={pages} rowKey={(row) => row.id}
          empty={<Empty title={t('readings.none')}>{t('readings.noneText')}</Empty>}
          columns={[
            { key: 'day', head: t('readings.takenOn'), cell: (row) => <span className="tab">{format.shortDate(row.takenOn)}</span> },
            { key: 'meter', head: t('subscribers.meter'), cell: (row) => <span className="tab" style={{ whiteSpace: 'nowrap' }}>{row.meter?.serial ?? '—'}</span> },
            { key: 'value', head: t('readings.value'), numeric: true, cell: (row) => format.volume(row.value) },
            { key: 'used', head: t('readings.consumption'), numeric: true, cell: (row) => row.consumption ? format.volume(row.consumption) : '—' },
            {
              key: 'verdict', head: t('readings.verdict'),
              cell: (row) => (
                <Box>
                  <Chip tone={verdictTone[row.verdict]}>{t(`enum.Verdict.${row.verdict}`)}</Chip>
                  {row.reasons.map((reason) => <Text key={reason.code} size="xs" c="dimmed">{reason.message}</Text>)}
                  {row.decidedWhy && <Text size="xs">{t('readings.decidedWhy', { who: codes.actor(row.decidedBy ?? ''), words: row.decidedWhy })}</Text>}
                  {row.rolledOver && <Text size="xs" c="dimmed">{t('readings.rolledOver')}</Text>}
                </Box>
              ),
            },
            {
              key: 'channel', head: t('readings.channel'),
              cell: (row) => <Box>{t(`enum.Channel.${row.channel}`)}<Text size="xs" c="dimmed">{codes.actor(row.receivedBy)}</Text></Box>,
            },
            ...(can('READING_WRITE')
              ? [{
                  key: 'decide', head: <span className="skip">{t('readings.decision')}</span>,
                  cell: (row: (typeof pages.rows)[number]) => row.verdict === 'DOUBTFUL' && (
                    <Decision id={row.id} decision={decision} rejecting={rejecting === row.id} reject={(asked) => setRejecting(asked ? row.id : null)} done={changed} />
                  ),
                }]
              : []),
            ...(can('READING_WRITE')
              ? [{
                  key: 'back', head: <span className="skip">{t('readings.takeBack')}</span>,
                  cell: (row: (typeof pages.rows)[number]) => (row.verdict === 'ACCEPTED' || row.verdict === 'DOUBTFUL') && <TakeBack reading={row} done={changed} />,
                }]
              : []),
            ...(can('CORRECTION_WRITE')
              ? [{
                  key: 'amend', head: <span className="skip">{t('amendments.remove')}</span>,
                  cell: (row: (typeof pages.rows)[number]) => (row.verdict === 'ACCEPTED' || row.verdict === 'DOUBTFUL') && (
                    <AmendButton preset={{ readings: [row.id] }} what={t('amendments.ofReading', { value: format.volume(row.value), day: format.shortDate(row.takenOn) })} />
                  ),
                }]
              : []),
          ]}
        />
      </Paper>
    </Stack>
  )
}

function ReadingForm({ account, onDone }: { account: Props['account']; onDone: () => void }) {
  const t = useT()
  const format = useFormat()
  const act = useAct(submit)
  const metered = account.points.filter((point) => point.meter)
  const [point, setPoint] = useState(metered[0]?.id ?? '')
  const [value, setValue] = useState('')
  const [bad, setBad] = useState(false)
  const [reference, setReference] = useState(newKey)
  const [answer, setAnswer] = useState<ReadingSubmitMutation['readingSubmit'] | null>(null)
  if (metered.length === 0) return null

  const send = async (event: FormEvent) => {
    event.preventDefault()
    const exact = parseDecimal(value, 3)
    setBad(!exact)
    if (!exact) return
    const done = await act.run({ accountId: account.id, pointId: point, value: exact, clientRef: reference })
    if (!done) return
    setAnswer(done)
    setReference(newKey())
    setValue('')
    onDone()
  }
  return (
    <Paper withBorder p="md" component="section" aria-label={t('readings.enter')}>
      <form noValidate onSubmit={(event) => void send(event)}>
        <Group align="flex-start" gap="sm">
          <NativeSelect
            label={t('subscribers.meter')} value={point} onChange={(event) => setPoint(event.currentTarget.value)}
            data={metered.map((one) => ({
              value: one.id, label: `${one.meter!.serial} · ${one.hot ? t('subscribers.hot') : t('subscribers.cold')}`,
            }))}
          />
          <TextInput
            label={t('readings.newValue')} inputMode="decimal" required value={value} w={180}
            onChange={(event) => setValue(event.currentTarget.value)}
            error={bad ? t('readings.badValue') : errorOf(act.errors, 'value')}
          />
          <Button type="submit" mt={25} loading={act.busy}>{t('readings.record')}</Button>
        </Group>
      </form>
      <Box mt="sm">
        <Refusals errors={act.errors} shown={['value']} />
        {act.broken && <Problem error={act.broken} />}
        {answer?.reading && (
          <Alert color={answer.reading.verdict === 'ACCEPTED' ? 'teal' : answer.reading.verdict === 'REJECTED' ? 'red' : 'orange'} role="status">
            <Group gap="sm">
              <Chip tone={verdictTone[answer.reading.verdict]}>{t(`enum.Verdict.${answer.reading.verdict}`)}</Chip>
              {answer.reading.consumption && <Text size="sm">{t('readings.used', { volume: format.volume(answer.reading.consumption) })}</Text>}
              {answer.reading.estimate && <Text size="sm">{t('readings.costs', { sum: format.money(answer.reading.estimate.gross) })}</Text>}
            </Group>
            {answer.reading.reasons.map((reason) => <Text key={reason.code} size="sm" mt={4}>{reason.message}</Text>)}
          </Alert>
        )}
      </Box>
    </Paper>
  )
}
