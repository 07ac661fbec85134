// Accounts that bear no share of their house, each on a document; taken in again on another one.
import { useCallback } from 'react'
import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { DataTable, DialogButton, FormView, LookupField, Section, TextField, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql, type ImbalanceHouseQuery } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useDays } from '../../lib/days'
import { DaysFields } from '../../lib/days-fields'
import { useT } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'
import { DocumentField } from '../archive/document-field'

const exclude = graphql(`
  mutation ImbalanceExclude($input: ImbalanceExcludeInput!) { imbalanceExclude(input: $input) { building { id } errors { code field message } } }
`)
const include = graphql(`
  mutation ImbalanceInclude($input: ImbalanceIncludeInput!) { imbalanceInclude(input: $input) { building { id } errors { code field message } } }
`)

type Bench = NonNullable<ImbalanceHouseQuery['imbalanceHouse']>
type Exclusion = Bench['exclusions'][number]

export function Exclusions({ bench, done }: { bench: Bench; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const days = useDays()
  const writes = can('IMBALANCE_WRITE') && can('ACCOUNT_READ')
  return (
    <Section title={t('imbalance.exclusions')} flush side={writes && <DialogButton label={t('imbalance.exclude')} buttonSize="xs">{(close) => <ExcludeForm bench={bench} close={close} done={done} />}</DialogButton>}>
      <DataTable
        caption={t('imbalance.exclusions')} rows={bench.exclusions} rowKey={(row) => `${row.account?.id ?? ''} ${row.from}`}
        empty={<Text p="md" size="sm" c="dimmed">{t('imbalance.noExclusions')}</Text>}
        columns={[
          { key: 'account', head: t('imbalance.account'), cell: (row) => row.account ? <Link className="row-link tab" to="/accounts/$number" params={{ number: row.account.number }}>{row.account.number}</Link> : '—' },
          { key: 'reason', head: t('imbalance.reason'), cell: (row) => row.reason },
          { key: 'days', head: t('debt.days'), cell: (row) => <span className="tab">{days(row)}</span> },
          { key: 'document', head: t('archive.document'), cell: (row) => row.document ? t('imbalance.paper', { number: paperNumber(row.document.number), date: format.shortDate(row.document.issuedOn) }) : '—' },
          ...(writes ? [{ key: 'acts', head: <span className="unseen">{t('common.acts')}</span>, cell: (row: Exclusion) => row.account && <DialogButton label={t('imbalance.include')} buttonSize="compact-sm">{(close) => <IncludeForm account={row.account!} from={row.from} close={close} done={done} />}</DialogButton> }] : []),
        ]}
      />
    </Section>
  )
}

function ExcludeForm({ bench, close, done }: { bench: Bench; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(exclude),
    start: { account: null as Picked | null, from: `${useToday().slice(0, 7)}-01`, to: '', reason: '', document: null as Picked | null },
    input: (read) => {
      const input = { accountId: read.picked('account'), from: read.text('from'), to: read.optional('to'), reason: read.text('reason'), documentId: read.picked('document') }
      if (input.to && input.from && input.to < input.from) read.refuse('to', t('common.endsBefore'))
      return input
    },
    done: () => finish(t('imbalance.excludeDone')),
  })
  const find = useCallback(
    // The flats of the house are on the screen already.
    (words: string) => Promise.resolve(
      bench.flats.flatMap(({ account }) => (account ? [{ id: account.id, label: `${account.number} · ${account.address}` }] : [])).filter((one) => one.label.toLowerCase().includes(words.toLowerCase())).slice(0, 8),
    ),
    [bench],
  )
  const { values } = form
  return (
    <FormView
      form={form} submit={t('imbalance.exclude')} cancel={close} danger
      check={() => t('imbalance.excludeCheck', { account: values.account?.label ?? '', from: format.date(values.from) })}
    >
      <Text size="sm" c="dimmed">{t('imbalance.excludeText')}</Text>
      <LookupField name="account" label={t('imbalance.account')} required find={find} />
      <DaysFields />
      <TextField name="reason" label={t('imbalance.reason')} hint={t('imbalance.excludeWhy')} required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function IncludeForm({ account, from, close, done }: { account: { id: string; number: string }; from: string; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(include),
    start: { from: from > today ? from : today, document: null as Picked | null },
    input: (read) => ({ accountId: account.id, from: read.text('from'), documentId: read.picked('document') }),
    done: () => finish(t('imbalance.includeDone')),
  })
  return (
    <FormView form={form} submit={t('imbalance.include')} cancel={close} check={() => t('imbalance.includeCheck', { account: account.number, from: format.date(form.values.from) })}>
      <TextField name="from" label={t('common.fromDay')} hint={t('imbalance.includeHint')} kind="date" required />
      <DocumentField name="document" required />
    </FormView>
  )
}
