// Days of a year that are worked on, or not, against their weekday: the days of closing move by them.
import { useState } from 'react'
import { Group, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { ChoiceField, Chip, DataTable, DialogButton, Empty, FieldRow, FormView, Problem, Section, TextField, Waiting, useAct, useFinish, useForm, useFormat, type Picked, type Tone } from '@aiscra/ui'
import { graphql, type CalendarDayKind } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'

const query = graphql(`
  query CalendarDays($year: Int!) { calendarDays(year: $year) { day kind name source demo recordedBy } }
`)
const setMutation = graphql(`
  mutation CalendarDaySet($input: CalendarDaySetInput!) { calendarDaySet(input: $input) { calendar { day } errors { code field message } } }
`)

const kinds: CalendarDayKind[] = ['HOLIDAY', 'MOVED', 'WORKING']
const tone: Record<CalendarDayKind, Tone> = { HOLIDAY: 'good', MOVED: 'good', WORKING: 'warn' }

export function CalendarDays({ year }: { year: number }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [result, again] = useQuery({ query, variables: { year } })
  const refresh = () => again({ requestPolicy: 'network-only' })
  if (result.error) return <Problem error={result.error} retry={refresh} />
  if (!result.data) return <Waiting lines={3} />
  return (
    <Section
      title={t('ledger.workdays', { year: String(year) })}
      side={can('PERIOD_CLOSE') && <DialogButton label={t('ledger.setDay')} buttonSize="xs">{(close) => <DayForm close={close} done={refresh} />}</DialogButton>}
    >
      <DataTable
        caption={t('ledger.workdays', { year: String(year) })} rows={result.data.calendarDays} rowKey={(row) => row.day} empty={<Empty title={t('ledger.noWorkdays')} />}
        columns={[
          { key: 'day', head: t('ledger.day'), cell: (row) => <span className="tab">{format.date(row.day)}</span> },
          { key: 'kind', head: t('ledger.dayKind'), cell: (row) => <Chip tone={tone[row.kind]}>{t(`enum.CalendarDayKind.${row.kind}`)}</Chip> },
          { key: 'name', head: t('ledger.dayName'), cell: (row) => <div>{row.name}<Text size="xs" c="dimmed">{row.source}</Text></div> },
          { key: 'demo', head: <span className="unseen">{t('common.state')}</span>, cell: (row) => row.demo && <Chip tone="warn">{t('ledger.dayUncertain')}</Chip> },
        ]}
      />
    </Section>
  )
}

function DayForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const [start] = useState({ day: '', kind: 'HOLIDAY', name: '', source: '', document: null as Picked | null })
  const form = useForm({
    act: useAct(setMutation),
    start,
    input: (read, values) => ({
      day: read.text('day'), kind: (values.kind || null) as CalendarDayKind | null, name: values.kind ? read.text('name') : '',
      source: values.kind ? read.text('source') : '', documentId: read.picked('document'),
    }),
    done: () => finish(t('ledger.daySet')),
  })
  return (
    <FormView form={form} submit={t('common.save')} cancel={close}>
      <FieldRow>
        <TextField name="day" label={t('ledger.day')} kind="date" required />
        <ChoiceField name="kind" label={t('ledger.dayKind')} choices={[...kinds.map((value) => ({ value, label: t(`enum.CalendarDayKind.${value}`) })), { value: '', label: t('ledger.dayUsual') }]} />
      </FieldRow>
      {form.values.kind && <TextField name="name" label={t('ledger.dayName')} required />}
      {form.values.kind && <TextField name="source" label={t('ledger.daySource')} required />}
      <Group><Text size="sm" c="dimmed">{t('ledger.dayText')}</Text></Group>
      <DocumentField name="document" required />
    </FormView>
  )
}
