// The calendar of closing a month: what is due, late and done, as a picture and as rows; a day may be moved with a reason. Beside it
// the readings of the month by channel: what came in is what is there.
import { useState } from 'react'
import { Box, Text } from '@mantine/core'
import { Chip, DataTable, DialogButton, Empty, FormView, Section, TextField, useAct, useFinish, useForm, useFormat, type Tone } from '@aiscra/ui'
import { graphql, type CutOffState } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { CalendarDays } from './calendar-days'
import type { LedgerPeriod } from './cockpit'

const setMutation = graphql(`
  mutation CutOffSet($input: CutOffSetInput!) { cutOffSet(input: $input) { period { id } errors { code field message } } }
`)

const tone: Record<CutOffState, Tone> = { DONE: 'good', LATE: 'bad', DUE: 'warn', AHEAD: 'plain' }
const colour: Record<CutOffState, string> = { DONE: 'var(--good)', LATE: 'var(--bad)', DUE: 'var(--warn)', AHEAD: 'var(--mantine-color-dimmed)' }
type CutOff = LedgerPeriod['cutOffs'][number]

export function Calendar({ month, onChange }: { month: LedgerPeriod; onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const codes = useCodes()
  return (
    <>
      <Section title={t('ledger.calendar')}>
        {month.cutOffs.length > 0 && <Line steps={month.cutOffs} />}
        <DataTable
          caption={t('ledger.calendar')} rows={month.cutOffs} rowKey={(row) => row.step} empty={<Empty title={t('ledger.noCalendar')} />}
          columns={[
            { key: 'step', head: t('ledger.step'), cell: (row) => <div>{t(`enum.CutOffStep.${row.step}`)}{row.reason && <Text size="xs" c="dimmed">{t('ledger.movedBy', { who: codes.actor(row.setBy ?? ''), why: row.reason })}</Text>}</div> },
            { key: 'due', head: t('ledger.dueOn'), cell: (row) => <span className="tab">{format.shortDate(row.dueOn)}</span> },
            { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={tone[row.state]}>{t(`enum.CutOffState.${row.state}`)}</Chip> },
            { key: 'done', head: t('ledger.doneAt'), cell: (row) => (row.doneAt ? format.dateTime(row.doneAt) : '—') },
            ...(can('PERIOD_CLOSE') && month.status !== 'CLOSED'
              ? [{
                  key: 'move', head: <span className="skip">{t('ledger.moveStep')}</span>,
                  cell: (row: CutOff) => row.state !== 'DONE' && (
                    <DialogButton label={t('ledger.moveStep')} title={t('ledger.moveTitle', { step: t(`enum.CutOffStep.${row.step}`) })} variant="subtle">
                      {(close) => <MoveForm month={month} row={row} close={close} done={onChange} />}
                    </DialogButton>
                  ),
                }]
              : []),
          ]}
        />
      </Section>
      <CalendarDays year={Number(month.period.slice(0, 4))} />
      <Section title={t('ledger.channels')}>
        <DataTable
          caption={t('ledger.channels')} rows={month.channels} rowKey={(row) => row.channel} empty={<Empty title={t('ledger.noReadings')} />}
          columns={[
            { key: 'channel', head: t('readings.channel'), cell: (row) => t(`enum.Channel.${row.channel}`) },
            { key: 'received', head: t('ledger.received'), numeric: true, cell: (row) => <b>{format.count(row.counts.received)}</b> },
            { key: 'accepted', head: t('enum.Verdict.ACCEPTED'), numeric: true, cell: (row) => format.count(row.counts.accepted) },
            { key: 'doubtful', head: t('enum.Verdict.DOUBTFUL'), numeric: true, cell: (row) => format.count(row.counts.doubtful) },
            { key: 'superseded', head: t('enum.Verdict.SUPERSEDED'), numeric: true, cell: (row) => format.count(row.counts.superseded) },
            { key: 'rejected', head: t('enum.Verdict.REJECTED'), numeric: true, cell: (row) => format.count(row.counts.rejected) },
            { key: 'withdrawn', head: t('enum.Verdict.WITHDRAWN'), numeric: true, cell: (row) => format.count(row.counts.withdrawn) },
          ]}
        />
      </Section>
    </>
  )
}

const time = (day: string) => Date.parse(day)

/** Steps on a line of days, with today. */
function Line({ steps }: { steps: readonly CutOff[] }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const days = [...steps.map((one) => time(one.dueOn)), time(today)]
  const [first, last] = [Math.min(...days), Math.max(...days)]
  const at = (day: string) => `${4 + (92 * (time(day) - first)) / Math.max(1, last - first)}%`
  return (
    <Box role="img" aria-label={steps.map((one) => `${t(`enum.CutOffStep.${one.step}`)}: ${format.shortDate(one.dueOn)}, ${t(`enum.CutOffState.${one.state}`)}`).join('; ')} pos="relative" h={34} mb="sm">
      <div style={{ position: 'absolute', left: 0, right: 0, top: 16, height: 2, background: 'var(--mantine-color-default-border)' }} />
      <div style={{ position: 'absolute', left: at(today), top: 4, bottom: 4, width: 2, background: 'var(--mantine-primary-color-filled)' }} />
      {steps.map((one) => <div key={one.step} title={`${t(`enum.CutOffStep.${one.step}`)}: ${format.shortDate(one.dueOn)}`} style={{ position: 'absolute', left: at(one.dueOn), top: 10, width: 14, height: 14, marginLeft: -7, borderRadius: 7, background: one.state === 'AHEAD' ? 'var(--mantine-color-body)' : colour[one.state], border: `2px solid ${colour[one.state]}` }} />)}
    </Box>
  )
}

function MoveForm({ month, row, close, done }: { month: LedgerPeriod; row: CutOff; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const [start] = useState({ dueOn: row.dueOn, reason: '' })
  const form = useForm({
    act: useAct(setMutation),
    start,
    input: (read) => ({ period: month.period, sector: month.sector, step: row.step, dueOn: read.text('dueOn'), reason: read.text('reason') }),
    done: () => finish(t('ledger.moved')),
  })
  return (
    <FormView form={form} submit={t('ledger.moveStep')} cancel={close}>
      <TextField name="dueOn" label={t('ledger.dueOn')} kind="date" required first />
      <TextField name="reason" label={t('corrections.reason')} kind="long" required />
    </FormView>
  )
}
