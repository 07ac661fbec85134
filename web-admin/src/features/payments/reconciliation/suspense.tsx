// Money whose account is not known: how old it is, who works on it, and what becomes of it.
import { useState } from 'react'
import { Button, Checkbox, Group, NativeSelect, Paper, Stack, Text, TextInput } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Answer, Chart, Chip, ChoiceField, Dialog, DialogButton, Empty, Figures, FormView, PagedTable, Section, TextField, parseDecimal, useAct, useFinish, useForm, useFormat, usePages,
  type Picked,
} from '@aiscra/ui'
import { graphql, type Service, type SuspenseAge, type SuspenseListQuery, type SuspenseState } from '../../../gql'
import { useCan, useToday, useViewer } from '../../../lib/can'
import { useCodes } from '../../../lib/codes'
import { useT } from '../../../lib/i18n'
import { addUp } from '../../../lib/sums'
import { Who } from '../../../lib/who'
import { DocumentField } from '../../archive/document-field'
import { useExport } from '../../platform/made'
import { AccountField } from '../../subscribers/account-field'
import { AskButton } from '../../debt/parts'
import { services } from '../target'
import { AccountLink, ReconcileHead, suspenseTone } from './parts'
import { Payer } from './payer'

const ageingQuery = graphql(`query SuspenseAgeing { suspenseAgeing { age count amount overdue } }`)
const listQuery = graphql(`
  query SuspenseList($filter: SuspenseFilter!, $after: String) {
    suspense(filter: $filter, first: 50, after: $after) {
      nodes {
        id number channel externalId amount paidOn receivedOn age reason state accountTyped payer purpose owner dueOn overdue note proposedBy decidedBy
        target { service } payment { id account { id number } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const ownersQuery = graphql(`query SuspenseOwners { suspenseOwners { id login name } }`)
const postMutation = graphql(`
  mutation SuspensePost($input: SuspensePostInput!) { suspensePost(input: $input) { suspense { id state } errors { code field message } } }
`)
const splitMutation = graphql(`
  mutation SuspenseSplit($input: SuspenseSplitInput!) { suspenseSplit(input: $input) { suspense { id state } errors { code field message } } }
`)
const returnMutation = graphql(`
  mutation SuspenseReturn($input: SuspenseReturnInput!) { suspenseReturn(input: $input) { suspense { id state } errors { code field message } } }
`)
const decideMutation = graphql(`
  mutation SuspenseDecide($input: SuspenseDecideInput!) { suspenseDecide(input: $input) { suspense { id state } errors { code field message } } }
`)
const assignMutation = graphql(`
  mutation SuspenseAssign($input: SuspenseAssignInput!) { suspenseAssign(input: $input) { assigned errors { code field message } } }
`)

type Row = SuspenseListQuery['suspense']['nodes'][number]
const route = getRouteApi('/reconciliation/suspense')
const ages: SuspenseAge[] = ['FRESH', 'WEEK', 'MONTH', 'QUARTER', 'OLD']
const states: SuspenseState[] = ['OPEN', 'RETURNING', 'POSTED', 'SPLIT', 'RETURNED']

export function SuspensePage() {
  const t = useT()
  const can = useCan()
  const navigate = route.useNavigate()
  const { state = 'OPEN', age, overdue, search } = route.useSearch()
  const set = (change: { state?: SuspenseState | undefined; age?: SuspenseAge | undefined; overdue?: true | undefined; search?: string | undefined }) => {
    setChosen([])
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  }
  const [ageing, refetch] = useQuery({ query: ageingQuery, requestPolicy: 'cache-and-network' })
  const wanted = { state, age: age ?? null, overdue: overdue ?? null, search: search ?? null }
  const pages = usePages(listQuery, { filter: wanted }, (data) => data.suspense)
  const exporting = useExport({ suspense: wanted })
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [assigning, setAssigning] = useState(false)
  const refresh = () => { setChosen([]); refetch({ requestPolicy: 'network-only' }); pages.refresh() }
  return (
    <>
      <ReconcileHead title={t('recon.suspense')} lead={t('recon.suspenseLead')} />
      <Stack>
        <Answer result={ageing} retry={() => refetch({ requestPolicy: 'network-only' })} lines={6}>
          {({ suspenseAgeing }) => <Ageing rows={suspenseAgeing} pick={(one) => set({ age: one, state: undefined })} />}
        </Answer>
        <Paper withBorder p="md">
          <Group gap="sm" align="flex-end">
            <NativeSelect label={t('common.state')} value={state} onChange={(event) => set({ state: event.currentTarget.value as SuspenseState })} data={states.map((value) => ({ value, label: t(`enum.SuspenseState.${value}`) }))} />
            <NativeSelect
              label={t('recon.age')} value={age ?? ''} onChange={(event) => set({ age: (event.currentTarget.value || undefined) as SuspenseAge | undefined })}
              data={[{ value: '', label: t('common.all') }, ...ages.map((value) => ({ value, label: t(`enum.SuspenseAge.${value}`) }))]}
            />
            <TextInput label={t('recon.search')} defaultValue={search ?? ''} onBlur={(event) => set({ search: event.currentTarget.value || undefined })} onKeyDown={(event) => event.key === 'Enter' && set({ search: event.currentTarget.value || undefined })} />
            <Checkbox pb={8} label={t('recon.overdueOnly')} checked={Boolean(overdue)} onChange={(event) => set({ overdue: event.currentTarget.checked || undefined })} />
          </Group>
        </Paper>
        <Section
          flush title={t('recon.suspense')}
          side={can('RECONCILE_WRITE') && chosen.length > 0 && <Button size="xs" onClick={() => setAssigning(true)}>{t('recon.assignOn', { count: chosen.length })}</Button>}
        >
          <List rows={pages} chosen={chosen} choose={setChosen} exporting={can('JOB_READ') ? exporting : undefined} refresh={refresh} />
        </Section>
      </Stack>
      <Dialog opened={assigning} onClose={() => setAssigning(false)} title={t('recon.assign')} closeOnClickOutside={false}>
        <AssignForm ids={chosen} close={() => setAssigning(false)} done={refresh} />
      </Dialog>
    </>
  )
}

const less = (whole: string, part: string) => addUp([whole, `-${part}`])

function Ageing({ rows, pick }: { rows: readonly { age: SuspenseAge; count: number; amount: string; overdue: string }[]; pick: (age: SuspenseAge) => void }) {
  const t = useT()
  const format = useFormat()
  const names = rows.map((row) => t(`enum.SuspenseAge.${row.age}`))
  const total = addUp(rows.map((row) => row.amount))
  const late = addUp(rows.map((row) => row.overdue))
  return (
    <Paper withBorder p="md">
      <Figures
        rows={[
          { label: t('recon.open'), value: format.count(rows.reduce((sum, row) => sum + row.count, 0)) },
          { label: t('ledger.amount'), value: format.money(total) },
          { label: t('recon.overdue'), value: format.money(late) },
        ]}
      />
      {/* An empty picture says less than the noughts above it. */}
      {rows.some((row) => row.count > 0) && (
        <Chart
          title={t('recon.byAge')} corner={t('recon.age')} height={200} stacked labels={names} full={names}
          series={[
            { name: t('recon.inTime'), values: rows.map((row) => less(row.amount, row.overdue)) },
            { name: t('recon.overdue'), values: rows.map((row) => row.overdue) },
          ]}
          total={{ name: t('ledger.amount'), values: rows.map((row) => row.amount) }}
          onPick={(at) => pick(rows[at]!.age)}
        />
      )}
    </Paper>
  )
}

function List({ rows: pages, chosen, choose, exporting, refresh }: {
  rows: ReturnType<typeof usePages<SuspenseListQuery, { filter: object }, Row>>
  chosen: readonly string[]
  choose: (ids: readonly string[]) => void
  exporting: ReturnType<typeof useExport> | undefined
  refresh: () => void
}) {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  const can = useCan()
  const toggle = (id: string) => choose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
  return (
    <PagedTable
      caption={t('recon.suspense')} pages={pages} rowKey={(row) => row.id} exporting={exporting} remember="suspense"
      empty={<Empty title={t('recon.noSuspense')}>{t('recon.noSuspenseText')}</Empty>}
      columns={[
        ...(can('RECONCILE_WRITE') ? [{ key: 'pick', head: '', fixed: true, width: 40, cell: (row: Row) => row.state === 'OPEN' && <Checkbox aria-label={t('recon.choose', { number: String(row.number) })} checked={chosen.includes(row.id)} onChange={() => toggle(row.id)} /> }] : []),
        { key: 'number', head: '№', fixed: true, cell: (row) => <div className="tab">{row.number}<Text size="xs" c="dimmed">{format.shortDate(row.paidOn)}</Text></div> },
        { key: 'channel', head: t('payments.channel'), cell: (row) => <div>{codes.channel(row.channel)}<Text size="xs" c="dimmed" className="tab">{row.externalId}</Text></div> },
        {
          key: 'who', head: t('recon.whose'),
          cell: (row) => (
            <div style={{ maxWidth: 360 }}>
              {row.accountTyped && <Text size="sm" className="tab">{t('recon.typed', { account: row.accountTyped })}</Text>}
              {row.payer && <Text size="sm">{row.payer}</Text>}
              {row.purpose && <Text size="xs" c="dimmed">{row.purpose}</Text>}
              {row.target?.service && <Text size="xs">{t(`enum.Service.${row.target.service}`)}</Text>}
              <Text size="xs" c="dimmed">{t(`enum.SuspenseReason.${row.reason}`)}</Text>
              {row.payer && can('PERSONAL_DATA_READ') && <Payer of={{ suspense: row.id }} />}
            </div>
          ),
        },
        {
          key: 'state', head: t('common.state'),
          cell: (row) => (
            <div>
              <Chip tone={suspenseTone[row.state]}>{t(`enum.SuspenseState.${row.state}`)}</Chip>
              {row.payment && <div><AccountLink number={row.payment.account.number} /></div>}
              {row.note && <Text size="xs" c="dimmed">{row.note}</Text>}
              {(row.decidedBy ?? row.proposedBy) && <Text size="xs" c="dimmed"><Who by={row.decidedBy ?? row.proposedBy} /></Text>}
            </div>
          ),
        },
        {
          key: 'due', head: t('recon.due'),
          cell: (row) => <div>{row.overdue ? <Chip tone="bad">{format.shortDate(row.dueOn)}</Chip> : <span className="tab">{format.shortDate(row.dueOn)}</span>}<Text size="xs" c="dimmed">{row.owner ? <Who by={row.owner} /> : t('recon.nobody')}</Text></div>,
        },
        { key: 'amount', head: t('ledger.amount'), numeric: true, fixed: true, cell: (row) => <b>{format.money(row.amount)}</b> },
        { key: 'acts', head: <span className="unseen">{t('common.acts')}</span>, cell: (row) => <Acts row={row} done={refresh} /> },
      ]}
    />
  )
}

function Acts({ row, done }: { row: Row; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const viewer = useViewer()
  const yes = useAct(decideMutation)
  const no = useAct(decideMutation)
  if (row.state === 'RETURNING') {
    // Who proposed it never agrees to it.
    if (!can('RECONCILE_CONFIRM') || row.proposedBy === viewer.login) return null
    return (
      <Group gap={6}>
        <AskButton act={yes} input={{ id: row.id, agree: true }} label={t('life.agree')} said={t('recon.returned')} done={done} text={t('recon.returnCheck', { sum: format.money(row.amount) })} />
        <AskButton act={no} input={{ id: row.id, agree: false }} label={t('life.decline')} said={t('recon.declined')} done={done} text={t('recon.declineCheck')} danger />
      </Group>
    )
  }
  if (row.state !== 'OPEN' || !can('RECONCILE_WRITE')) return null
  return (
    <Group gap={6} wrap="nowrap">
      <DialogButton label={t('recon.post')} title={t('recon.postTitle', { sum: format.money(row.amount) })} buttonSize="compact-sm" variant="light">{(close) => <PostForm row={row} close={close} done={done} />}</DialogButton>
      <DialogButton label={t('recon.split')} buttonSize="compact-sm">{(close) => <SplitForm row={row} close={close} done={done} />}</DialogButton>
      <DialogButton label={t('recon.return')} buttonSize="compact-sm">{(close) => <ReturnForm row={row} close={close} done={done} />}</DialogButton>
    </Group>
  )
}

interface FormProps {
  row: Row
  close: () => void
  done: () => void
}

const Money = ({ row }: { row: Row }) => {
  const format = useFormat()
  const t = useT()
  return <Figures rows={[{ label: row.payer ?? t('recon.typed', { account: row.accountTyped ?? '—' }), value: format.money(row.amount), note: row.purpose }]} />
}

function PostForm({ row, close, done }: FormProps) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(postMutation),
    start: { account: null as Picked | null, service: row.target?.service ?? '', note: '' },
    input: (read, values) => ({ id: row.id, accountId: read.picked('account'), target: values.service ? { service: values.service as Service } : null, note: read.optional('note') }),
    done: () => finish(t('recon.posted')),
  })
  return (
    <FormView form={form} submit={t('recon.post')} cancel={close} check={() => t('recon.postCheck', { sum: format.money(row.amount), account: form.values.account?.label ?? '', day: format.date(row.paidOn) })}>
      <Money row={row} />
      <AccountField name="account" label={t('recon.account')} required />
      <ChoiceField name="service" label={t('recon.target')} hint={t('recon.targetHint')} choices={[{ value: '', label: t('recon.byPolicy') }, ...services.map((value) => ({ value, label: t(`enum.Service.${value}`) }))]} />
      <TextField name="note" label={t('recon.note')} kind="long" />
    </FormView>
  )
}

function SplitForm({ row, close, done }: FormProps) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(splitMutation),
    start: { parts: '' },
    input: (read) => {
      const parts = read.text('parts').split(/[\n;+]/).map((one) => one.trim()).filter(Boolean).map((one) => parseDecimal(one, 2))
      if (parts.some((one) => one === null) || parts.length < 2) read.refuse('parts', t('recon.badParts'))
      return { id: row.id, parts: parts.map((one) => one ?? '') }
    },
    done: () => finish(t('recon.splitDone')),
  })
  return (
    <FormView form={form} submit={t('recon.split')} cancel={close}>
      <Money row={row} />
      <TextField name="parts" label={t('recon.parts')} hint={t('recon.partsHint', { sum: format.money(row.amount) })} kind="long" required first />
    </FormView>
  )
}

function ReturnForm({ row, close, done }: FormProps) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(returnMutation),
    start: { note: '', document: null as Picked | null },
    input: (read) => ({ id: row.id, documentId: read.picked('document'), note: read.text('note') }),
    done: () => finish(t('recon.returnProposed')),
  })
  return (
    <FormView form={form} submit={t('recon.return')} cancel={close} danger>
      <Money row={row} />
      <Text size="sm" c="dimmed">{t('recon.fourEyes')}</Text>
      <TextField name="note" label={t('corrections.reason')} kind="long" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function AssignForm({ ids, close, done }: { ids: readonly string[]; close: () => void; done: () => void }) {
  const t = useT()
  const today = useToday()
  const viewer = useViewer()
  const finish = useFinish(close, done)
  const [owners] = useQuery({ query: ownersQuery })
  const people = owners.data?.suspenseOwners ?? []
  const form = useForm({
    act: useAct(assignMutation),
    start: { owner: viewer.id, due: '' },
    input: (read, values) => {
      const due = read.optional('due')
      if (due && due < today) read.refuse('due', t('recon.duePast'))
      return { ids: [...ids], ownerId: values.owner, dueOn: due }
    },
    done: () => finish(t('recon.assigned')),
  })
  return (
    <FormView form={form} submit={t('recon.assign')} cancel={close}>
      <ChoiceField name="owner" label={t('recon.owner')} choices={people.length > 0 ? people.map((one) => ({ value: one.id, label: `${one.name} (${one.login})` })) : [{ value: viewer.id, label: viewer.login }]} />
      <TextField name="due" label={t('recon.due')} hint={t('recon.dueHint')} kind="date" />
    </FormView>
  )
}
