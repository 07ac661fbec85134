// Disputes to decide, debts whose time runs out, orders of write-off and what stands off-balance.
import { useState } from 'react'
import { Button, Checkbox, NativeSelect, Stack, Text } from '@mantine/core'
import {
  Chip, ChoiceField, Dialog, DialogButton, Empty, Figures, FormView, PagedTable, Section, TextField, useAct, useFinish, useForm, useFormat, usePages, type Picked,
} from '@aiscra/ui'
import { graphql, type DebtsExpiringQuery, type DisputesQuery, type OffBalanceQuery, type WriteOffsQuery } from '../../gql'
import { useCan, useToday, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { useExport } from '../platform/made'
import { AccountCell, AskButton, DebtHead, toneOf } from './parts'

const disputesQuery = graphql(`
  query Disputes($after: String) {
    disputes(first: 20, after: $after) {
      nodes { id state amount reason openedOn answerBy openedBy decidedOn decision account { id number holder { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const expiringQuery = graphql(`
  query DebtsExpiring($within: Int, $after: String) {
    debtsExpiring(within: $within, first: 50, after: $after) {
      nodes { openItemId service component origin dueOn rest expiresOn interruptions account { id number holder { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const ordersQuery = graphql(`
  query WriteOffs($after: String) {
    writeOffs(first: 20, after: $after) {
      nodes { id state reason accounts amount proposedBy proposedAt decidedBy }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const offQuery = graphql(`
  query OffBalance($after: String) {
    offBalance(first: 20, after: $after) {
      nodes { writeOffId service component origin amount postedOn revivedOn account { id number holder { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const decide = graphql(`
  mutation DisputeDecide($input: DisputeDecideInput!) { disputeDecide(input: $input) { dispute { id state } errors { code field message } } }
`)
const propose = graphql(`
  mutation WriteOffPropose($input: WriteOffProposeInput!) { writeOffPropose(input: $input) { writeOff { id } errors { code field message } } }
`)
const agree = graphql(`
  mutation WriteOffDecide($input: WriteOffDecideInput!) { writeOffDecide(input: $input) { writeOff { id state } errors { code field message } } }
`)
const revive = graphql(`
  mutation WriteOffRevive($input: WriteOffReviveInput!) { writeOffRevive(input: $input) { writeOff { id } errors { code field message } } }
`)

/** Days ahead that are looked at; the time of limitation is three years. */
const terms = [90, 180, 365, 730] as const
type Dispute = DisputesQuery['disputes']['nodes'][number]
type Expiring = DebtsExpiringQuery['debtsExpiring']['nodes'][number]
type Order = WriteOffsQuery['writeOffs']['nodes'][number]
type Off = OffBalanceQuery['offBalance']['nodes'][number]

export function OrdersPage() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const today = useToday()
  const { actor } = useCodes()
  const disputes = usePages(disputesQuery, {}, (data) => data.disputes)
  const [within, setWithin] = useState(180)
  const expiring = usePages(expiringQuery, { within }, (data) => data.debtsExpiring)
  const exportingExpiring = useExport({ expiringDebts: { within } })
  const orders = usePages(ordersQuery, {}, (data) => data.writeOffs)
  const off = usePages(offQuery, {}, (data) => data.offBalance)
  const [chosen, setChosen] = useState<readonly Expiring[]>([])
  const [proposing, setProposing] = useState(false)
  const refresh = () => [disputes, expiring, orders, off].forEach((pages) => pages.refresh())
  const toggle = (row: Expiring) => setChosen((now) => now.some((one) => one.openItemId === row.openItemId) ? now.filter((one) => one.openItemId !== row.openItemId) : [...now, row])
  return (
    <>
      <DebtHead title={t('debt.orders')} lead={t('debt.ordersLead')} look={refresh} />
      <Stack>
        <Section title={t('debt.disputes')} flush>
          <PagedTable
            caption={t('debt.disputes')} pages={disputes} rowKey={(row) => row.id} empty={<Empty title={t('debt.noDisputes')}>{t('debt.noDisputesText')}</Empty>}
            columns={[
              { key: 'account', head: t('debt.debtor'), cell: (row) => <AccountCell account={row.account} /> },
              { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={row.state === 'OPEN' && row.answerBy < today ? 'bad' : toneOf(row.state)}>{t(`enum.DisputeState.${row.state}`)}</Chip> },
              { key: 'reason', head: t('debt.reason'), cell: (row) => <div>{row.reason}<Text size="xs" c="dimmed">{row.decision ?? actor(row.openedBy)}</Text></div> },
              { key: 'by', head: t('debt.answerBy'), cell: (row) => <span className="tab">{format.shortDate(row.answerBy)}</span> },
              { key: 'amount', head: t('debt.sum'), numeric: true, cell: (row) => <b>{format.money(row.amount)}</b> },
              { key: 'acts', head: '', cell: (row) => row.state === 'OPEN' && can('DEBT_DECIDE') && <DialogButton label={t('debt.decide')} buttonSize="compact-sm">{(close) => <DecideForm row={row} close={close} done={refresh} />}</DialogButton> },
            ]}
          />
        </Section>
        <Section
          title={t('debt.expiring')} flush
          side={
            <>
              <NativeSelect
                size="xs" aria-label={t('debt.within')} value={String(within)} onChange={(event) => { setWithin(Number(event.currentTarget.value)); setChosen([]) }}
                data={terms.map((days) => ({ value: String(days), label: t('debt.withinDays', { count: days }) }))}
              />
              {can('DEBT_ACCRUE') && chosen.length > 0 && <Button size="xs" onClick={() => setProposing(true)}>{t('debt.proposeOff', { count: chosen.length })}</Button>}
            </>
          }
        >
          <PagedTable
            caption={t('debt.expiring')} pages={expiring} rowKey={(row) => row.openItemId} exporting={can('JOB_READ') ? exportingExpiring : undefined} empty={<Empty title={t('debt.noExpiring')}>{t('debt.noExpiringText')}</Empty>}
            columns={[
              ...(can('DEBT_ACCRUE') ? [{ key: 'pick', head: '', cell: (row: Expiring) => <Checkbox aria-label={t('debt.choose')} checked={chosen.some((one) => one.openItemId === row.openItemId)} onChange={() => toggle(row)} /> }] : []),
              { key: 'account', head: t('debt.debtor'), cell: (row) => <AccountCell account={row.account} /> },
              { key: 'what', head: t('debt.what'), cell: (row) => <div>{row.service ? t(`enum.Service.${row.service}`) : '—'}<Text size="xs" c="dimmed">{row.component ? t(`enum.Component.${row.component}`) : ''}</Text></div> },
              { key: 'origin', head: t('common.period'), cell: (row) => format.period(row.origin) },
              { key: 'expires', head: t('debt.expiresOn'), cell: (row) => <div><Chip tone={row.expiresOn < today ? 'bad' : 'warn'}>{format.shortDate(row.expiresOn)}</Chip>{row.interruptions > 0 && <Text size="xs" c="dimmed">{t('debt.interruptionCount', { count: row.interruptions })}</Text>}</div> },
              { key: 'rest', head: t('debt.owed'), numeric: true, cell: (row) => <b>{format.money(row.rest)}</b> },
            ]}
          />
        </Section>
        <Section title={t('debt.writeOffs')} flush>
          <PagedTable
            caption={t('debt.writeOffs')} pages={orders} rowKey={(row) => row.id} empty={<Empty title={t('debt.noOrders')}>{t('debt.noOrdersText')}</Empty>}
            columns={[
              { key: 'reason', head: t('debt.reason'), cell: (row) => row.reason },
              { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={toneOf(row.state)}>{t(`enum.WriteOffState.${row.state}`)}</Chip> },
              { key: 'accounts', head: t('debt.accounts'), numeric: true, cell: (row) => format.count(row.accounts) },
              { key: 'amount', head: t('debt.sum'), numeric: true, cell: (row) => <b>{format.money(row.amount)}</b> },
              { key: 'who', head: t('debt.who'), cell: (row) => <div>{row.decidedBy ? actor(row.decidedBy) : actor(row.proposedBy)}<Text size="xs" c="dimmed">{format.dateTime(row.proposedAt)}</Text></div> },
              { key: 'acts', head: '', cell: (row) => <OrderActs row={row} done={refresh} /> },
            ]}
          />
        </Section>
        <Section title={t('debt.offBalance')} flush>
          <PagedTable
            caption={t('debt.offBalance')} pages={off} rowKey={(row) => `${row.writeOffId} ${row.account.id} ${row.service} ${row.component} ${row.origin}`} empty={<Empty title={t('debt.noOff')}>{t('debt.noOffText')}</Empty>}
            columns={[
              { key: 'account', head: t('debt.debtor'), cell: (row) => <AccountCell account={row.account} /> },
              { key: 'what', head: t('debt.what'), cell: (row) => row.service ? t(`enum.Service.${row.service}`) : '—' },
              { key: 'origin', head: t('common.period'), cell: (row) => format.period(row.origin) },
              { key: 'posted', head: t('debt.givenUpOn'), cell: (row) => <span className="tab">{format.shortDate(row.postedOn)}</span> },
              { key: 'amount', head: t('debt.sum'), numeric: true, cell: (row) => <b>{format.money(row.amount)}</b> },
              { key: 'acts', head: '', cell: (row) => row.revivedOn ? <Chip tone="good">{t('debt.revivedOn', { date: format.shortDate(row.revivedOn) })}</Chip> : can('DEBT_DECIDE') && <DialogButton label={t('debt.revive')} buttonSize="compact-sm">{(close) => <ReviveForm row={row} close={close} done={refresh} />}</DialogButton> },
            ]}
          />
        </Section>
      </Stack>
      <Dialog opened={proposing} onClose={() => setProposing(false)} title={t('debt.writeOffs')} size="lg">
        <ProposeForm rows={chosen} close={() => setProposing(false)} done={() => { setChosen([]); refresh() }} />
      </Dialog>
    </>
  )
}

function OrderActs({ row, done }: { row: Order; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const viewer = useViewer()
  const yes = useAct(agree)
  const no = useAct(agree)
  // Who proposed it never agrees to it.
  if (row.state !== 'PROPOSED' || !can('DEBT_DECIDE') || row.proposedBy === viewer.login) return null
  return (
    <>
      <AskButton act={yes} input={{ id: row.id, agreed: true }} label={t('debt.agree')} said={t('debt.givenUp')} done={done} text={t('debt.agreeText', { accounts: row.accounts, sum: format.money(row.amount) })} />
      <AskButton act={no} input={{ id: row.id, agreed: false }} label={t('debt.decline')} said={t('debt.declined')} done={done} text={t('debt.declineText')} danger />
    </>
  )
}

function DecideForm({ row, close, done }: { row: Dispute; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(decide),
    start: { side: 'AGAINST', decision: '', document: null as Picked | null },
    input: (read, values) => ({ id: row.id, forSubscriber: values.side === 'FOR', decision: read.text('decision'), documentId: read.picked('document') }),
    done: () => finish(t('debt.decided')),
  })
  return (
    <FormView form={form} submit={t('debt.decide')} cancel={close} check={() => form.values.side === 'FOR' ? t('debt.forText', { sum: format.money(row.amount) }) : t('debt.againstText')}>
      <Figures rows={[{ label: t('debt.account'), value: row.account.number, note: row.reason }, { label: t('debt.sum'), value: format.money(row.amount) }]} />
      <ChoiceField name="side" label={t('debt.decision')} choices={(['AGAINST', 'FOR'] as const).map((value) => ({ value, label: t(`enum.DisputeState.${value}`) }))} />
      <TextField name="decision" label={t('debt.why')} kind="long" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function ProposeForm({ rows, close, done }: { rows: readonly Expiring[]; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(propose),
    start: { reason: '', document: null as Picked | null },
    input: (read) => ({ items: rows.map((row) => ({ accountId: row.account.id, openItemId: row.openItemId })), reason: read.text('reason'), documentId: read.picked('document') }),
    done: () => finish(t('debt.proposed')),
  })
  return (
    <FormView form={form} submit={t('debt.propose')} cancel={close}>
      <Text size="sm" c="dimmed">{t('debt.fourEyes')}</Text>
      <TextField name="reason" label={t('debt.reason')} required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function ReviveForm({ row, close, done }: { row: Off; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(revive),
    start: { document: null as Picked | null },
    input: (read) => ({ id: row.writeOffId, accountId: row.account.id, documentId: read.picked('document') }),
    done: () => finish(t('debt.revived')),
  })
  return (
    <FormView form={form} submit={t('debt.revive')} cancel={close} check={() => t('debt.reviveText', { account: row.account.number })}>
      <DocumentField name="document" required />
    </FormView>
  )
}
