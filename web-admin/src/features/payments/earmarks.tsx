// Debts that a judgement, a bailiff or an agreement ties money to: what comes for them covers nothing else.
import { useState } from 'react'
import { Checkbox, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { Chip, ChoiceField, DataTable, DialogButton, Empty, FieldRow, FormView, IconPlus, Problem, Section, TextField, Waiting, sign, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql, type EarmarkKind } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { ItemsCut, useOpenItems } from '../../lib/open-items'
import { Who } from '../../lib/who'
import { DocumentField } from '../archive/document-field'
import { AskButton } from '../debt/parts'

const query = graphql(`
  query Earmarks($id: ID!) { account(id: $id) { id earmarks { id kind reference act owed held recordedBy closedOn } } }
`)
const createMutation = graphql(`
  mutation EarmarkCreate($input: EarmarkCreateInput!) { earmarkCreate(input: $input) { earmark { id } errors { code field message } } }
`)
const closeMutation = graphql(`
  mutation EarmarkClose($input: EarmarkCloseInput!) { earmarkClose(input: $input) { earmark { id closedOn } errors { code field message } } }
`)

const kinds: EarmarkKind[] = ['COURT', 'BAILIFF', 'INSTALMENT']

export function Earmarks({ account }: { account: string }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [result, refetch] = useQuery({ query, variables: { id: account }, requestPolicy: 'cache-and-network' })
  const again = () => refetch({ requestPolicy: 'network-only' })
  const ties = can('RECONCILE_WRITE') || can('DEBT_WRITE')
  const act = useAct(closeMutation)
  const rows = result.data?.account?.earmarks ?? []
  // Most accounts have none: who may not tie money does not look at an empty list.
  if (rows.length === 0 && !ties) return null
  return (
    <Section
      flush title={t('payments.earmarks')}
      side={ties && <DialogButton label={t('payments.tie')} icon={<IconPlus size={14} />} buttonSize="xs" size="xl">{(close) => <TieForm account={account} close={close} done={again} />}</DialogButton>}
    >
      <DataTable
        caption={t('payments.earmarks')} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('payments.noEarmarks')}>{t('payments.noEarmarksText')}</Empty>}
        columns={[
          { key: 'kind', head: t('payments.earmark'), cell: (row) => <div>{t(`enum.EarmarkKind.${row.kind}`)} {row.reference}<Text size="xs" c="dimmed"><Who by={row.recordedBy} /></Text></div> },
          { key: 'state', head: t('common.state'), cell: (row) => row.closedOn ? <Chip tone="plain">{t('payments.untiedOn', { day: format.shortDate(row.closedOn) })}</Chip> : <Chip tone="busy">{t('payments.tied')}</Chip> },
          { key: 'owed', head: t('payments.earmarkOwed'), numeric: true, cell: (row) => format.money(row.owed) },
          { key: 'held', head: t('payments.earmarkHeld'), numeric: true, cell: (row) => (sign(row.held) === 0 ? '—' : format.money(row.held)) },
          {
            key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
            // A plan or a claim unties it with its own end.
            cell: (row) => ties && !row.closedOn && !row.act && <AskButton act={act} input={{ id: row.id }} label={t('payments.untie')} said={t('payments.untied')} done={again} text={t('payments.untieText', { held: format.money(row.held) })} danger />,
          },
        ]}
      />
    </Section>
  )
}

function TieForm({ account, close, done }: { account: string; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const owed = useOpenItems(account)
  const [items, setItems] = useState<readonly string[]>([])
  const [bad, setBad] = useState(false)
  const form = useForm({
    act: useAct(createMutation),
    start: { kind: 'COURT', reference: '', document: null as Picked | null },
    input: (read, values) => {
      setBad(items.length === 0)
      if (items.length === 0) read.refuse('items' as 'kind', '')
      return { accountId: account, kind: values.kind as EarmarkKind, reference: read.text('reference'), documentId: read.picked('document'), items: [...items] }
    },
    done: () => finish(t('payments.tieDone')),
  })
  if (owed.error) return <Problem error={owed.error} retry={owed.refresh} />
  if (!owed.ready) return <Waiting lines={4} />
  const rows = owed.items.filter((row) => sign(row.rest) > 0)
  const toggle = (id: string) => setItems((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]))
  return (
    <FormView form={form} submit={t('payments.tie')} cancel={close}>
      <FieldRow>
        <ChoiceField name="kind" label={t('payments.earmark')} choices={kinds.map((value) => ({ value, label: t(`enum.EarmarkKind.${value}`) }))} />
        <TextField name="reference" label={t('payments.reference')} hint={t('payments.referenceHint')} required first />
      </FieldRow>
      <Stack gap={4} role="group" aria-label={t('payments.tiedDebts')}>
        <Text size="sm" fw={500}>{t('payments.tiedDebts')}</Text>
        <ItemsCut owed={owed} />
        {rows.length === 0 && <Text size="sm" c="dimmed">{t('payments.nothingOwed')}</Text>}
        {rows.map((row) => (
          <Checkbox
            key={row.id} checked={items.includes(row.id)} onChange={() => toggle(row.id)}
            label={`${format.period(row.origin)} · ${row.service ? t(`enum.Service.${row.service}`) : row.component ? t(`enum.Component.${row.component}`) : '—'} · ${format.money(row.rest)}`}
          />
        ))}
        {bad && <Text size="xs" c="red.9" role="alert">{t('payments.chooseDebts')}</Text>}
      </Stack>
      <DocumentField name="document" required />
    </FormView>
  )
}
