// Banknotes and coins with the days on which they are money.
import { useQuery } from 'urql'
import { Answer, ChoiceField, DataTable, DialogButton, Empty, FieldRow, FormView, Section, TextField, useAct, useFinish, useForm, useFormat } from '@aiscra/ui'
import { graphql, type DenominationKind, type DenominationsQuery } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { denominationsQuery } from './graph'

const addMutation = graphql(`
  mutation DenominationAdd($input: DenominationAddInput!) { denominationAdd(input: $input) { denomination { id } errors { code field message } } }
`)
const endMutation = graphql(`
  mutation DenominationEnd($input: DenominationEndInput!) { denominationEnd(input: $input) { denomination { id to } errors { code field message } } }
`)
type Row = DenominationsQuery['denominations'][number]
const kinds: DenominationKind[] = ['NOTE', 'COIN']

export function Denominations() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [result, ask] = useQuery({ query: denominationsQuery })
  const again = () => ask({ requestPolicy: 'network-only' })
  const set = can('CASHDESK_OVERSEE')
  return (
    <Section title={t('cash.tab.denominations')} flush side={set && <DialogButton label={t('cash.newDenomination')} buttonSize="compact-sm">{(close) => <AddForm close={close} done={again} />}</DialogButton>}>
      <Answer result={result} retry={again}>
        {({ denominations }) => (
          <DataTable
            caption={t('cash.tab.denominations')} rows={denominations} rowKey={(row) => row.id} empty={<Empty title={t('cash.noDenominations')} />}
            columns={[
              { key: 'kind', head: t('cash.kind'), cell: (row) => t(`enum.DenominationKind.${row.kind}`) },
              { key: 'value', head: t('cash.value'), numeric: true, cell: (row) => <b>{format.money(row.value)}</b> },
              { key: 'design', head: t('cash.design'), cell: (row) => row.design },
              { key: 'from', head: t('cash.from'), cell: (row) => <span className="tab">{format.shortDate(row.from)}</span> },
              { key: 'to', head: t('cash.to'), cell: (row) => <span className="tab">{row.to ? format.shortDate(row.to) : '—'}</span> },
              { key: 'source', head: t('cash.source'), cell: (row) => row.source },
              { key: 'act', head: '', cell: (row) => set && !row.to && <DialogButton label={t('cash.end')} buttonSize="compact-sm">{(close) => <EndForm row={row} close={close} done={again} />}</DialogButton> },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}

function AddForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const today = useToday()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(addMutation),
    start: { kind: 'NOTE', value: '', design: '', from: today, source: '' },
    input: (read, values) => ({ kind: values.kind as DenominationKind, value: read.decimal('value', 2), design: values.design.trim(), from: read.text('from'), source: read.text('source') }),
    done: () => finish(t('cash.denominationSaved')),
  })
  return (
    <FormView form={form} submit={t('common.save')} cancel={close}>
      <FieldRow>
        <ChoiceField name="kind" label={t('cash.kind')} choices={kinds.map((value) => ({ value, label: t(`enum.DenominationKind.${value}`) }))} />
        <TextField name="value" label={t('cash.value')} mode="decimal" unit="₸" required first />
      </FieldRow>
      <TextField name="design" label={t('cash.design')} hint={t('cash.designHint')} />
      <TextField name="from" label={t('cash.from')} kind="date" required />
      <TextField name="source" label={t('cash.source')} required />
    </FormView>
  )
}

function EndForm({ row, close, done }: { row: Row; close: () => void; done: () => void }) {
  const t = useT()
  const today = useToday()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(endMutation),
    start: { last: today },
    input: (read) => ({ id: row.id, last: read.text('last') }),
    done: () => finish(t('cash.denominationSaved')),
  })
  return (
    <FormView form={form} submit={t('cash.end')} cancel={close} danger>
      <TextField name="last" label={t('cash.lastDay')} kind="date" required first />
    </FormView>
  )
}
