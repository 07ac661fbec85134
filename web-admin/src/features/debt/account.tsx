// The account's page: disputes, instalments, warnings, campaigns, limitation — what is going on — and penalty explained by month.
import { Suspense, lazy, useState } from 'react'
import { Button, Collapse, Group, Stack, Table, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Answer, Chip, ChoiceField, DataTable, DialogButton, Empty, FieldRow, FormView, Problem, Section, TextField, Waiting, useAct, useFinish, useForm, useFormat, useLanguage, type Picked,
} from '@aiscra/ui'
import { graphql, type AccountDebtQuery, type InterruptionKind } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { ItemsCut, useOpenItems, type OpenItem } from '../../lib/open-items'
import { addUp } from '../../lib/sums'
import { DocumentField } from '../archive/document-field'
import { DocumentName } from '../archive/document-name'
import { PaperButton } from '../platform/made'
import { Certificates } from './certificates'
import { AskButton, toneOf } from './parts'

// The look at a claim is large and rare: it is loaded when it is opened.
const PrepareForm = lazy(async () => ({ default: (await import('./claim-form')).PrepareForm }))

const query = graphql(`
  query AccountDebt($id: ID!) {
    account(id: $id) {
      id
      debt {
        penalty { month origin service dueOn amount days { from to days overdue baseRate multiplier yearDays exact } }
        disputes { id state openItemId amount reason openedOn answerBy }
        notices { id state debt issuedOn deadline stateOn paperPath }
        plans { id state amount paid agreedOn parts { dueOn amount covered } }
        offBalance { origin service amount postedOn revivedOn }
        campaigns { campaignId debt penalty appliedOn given givenOn }
        interruptions { kind onDay openItemId documentId recordedBy }
        claims { id number kind state stateOn authority amount rest costsRest endedOn items { openItemId rest } }
      }
    }
    campaigns(first: 50) { nodes { id nameKk nameRu state payBy percent byApplication } }
  }
`)
const open = graphql(`
  mutation DisputeOpen($input: DisputeOpenInput!) { disputeOpen(input: $input) { dispute { id } errors { code field message } } }
`)
const agree = graphql(`
  mutation PlanAgree($input: PlanAgreeInput!) { planAgree(input: $input) { plan { id } errors { code field message } } }
`)

const applyFor = graphql(`
  mutation CampaignApply($input: CampaignApplyInput!) { campaignApply(input: $input) { member { campaignId } errors { code field message } } }
`)
const interrupt = graphql(`
  mutation LimitationInterrupt($input: LimitationInterruptInput!) { limitationInterrupt(input: $input) { accountId errors { code field message } } }
`)

type Account = NonNullable<AccountDebtQuery['account']> & { items: readonly OpenItem[] }
type Month = Account['debt']['penalty'][number]
type Campaign = AccountDebtQuery['campaigns']['nodes'][number]
const kinds: InterruptionKind[] = ['ACKNOWLEDGED', 'RECONCILIATION', 'AGREEMENT', 'CLAIM']

/** An item in words: month, service, what it is, how much is left. */
function useItemName() {
  const t = useT()
  const format = useFormat()
  return (one: OpenItem) =>
    [format.period(one.origin), one.service && t(`enum.Service.${one.service}`), one.component && one.component !== 'CHARGE' && t(`enum.Component.${one.component}`), format.money(one.rest)].filter(Boolean).join(' · ')
}

export function DebtTab({ account, onChange }: { account: { id: string }; onChange: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const today = useToday()
  const [result, refetch] = useQuery({ query, variables: { id: account.id }, requestPolicy: 'cache-and-network' })
  const owed = useOpenItems(account.id)
  const again = () => {
    refetch({ requestPolicy: 'network-only' })
    owed.refresh()
    onChange()
  }
  return (
    <Answer result={result} retry={again} lines={6}>
      {({ account: found, campaigns }) => {
        if (!found) return null
        const row = { ...found, items: owed.items }
        return (
          <Stack>
            {owed.error && <Problem error={owed.error} retry={owed.refresh} />}
            <ItemsCut owed={owed} />
            {(can('DEBT_WRITE') || can('DEBT_CLAIM')) && (
              <Group>
                {can('DEBT_WRITE') && row.items.some((one) => one.service && !one.rest.startsWith('-')) && (
                  <>
                    <DialogButton label={t('debt.openDispute')} buttonSize="xs">{(close) => <DisputeForm account={row} close={close} done={again} />}</DialogButton>
                    <DialogButton label={t('debt.agreePlan')} buttonSize="xs">{(close) => <PlanForm account={row} close={close} done={again} />}</DialogButton>
                    <DialogButton label={t('debt.interrupt')} buttonSize="xs">{(close) => <InterruptForm account={row} close={close} done={again} />}</DialogButton>
                  </>
                )}
                {can('DEBT_CLAIM') && row.items.some((one) => one.service && !one.rest.startsWith('-') && one.dueOn < today) && (
                  <DialogButton label={t('debt.claimPrepare')} buttonSize="xs" size="70rem">
                    {(close) => <Suspense fallback={<Waiting lines={8} />}><PrepareForm account={row.id} close={close} done={again} /></Suspense>}
                  </DialogButton>
                )}
              </Group>
            )}
            {row.debt.claims.length > 0 && <Claims account={row} />}
            <Certificates account={row} />
            {row.debt.disputes.length > 0 && (
              <Section title={t('debt.disputes')} flush>
                <DataTable
                  caption={t('debt.disputes')} rows={row.debt.disputes} rowKey={(one) => one.id} empty={null}
                  columns={[
                    { key: 'state', head: t('common.state'), cell: (one) => <Chip tone={toneOf(one.state)}>{t(`enum.DisputeState.${one.state}`)}</Chip> },
                    { key: 'reason', head: t('debt.reason'), cell: (one) => one.reason },
                    { key: 'by', head: t('debt.answerBy'), cell: (one) => format.shortDate(one.answerBy) },
                    { key: 'amount', head: t('debt.sum'), numeric: true, cell: (one) => format.money(one.amount) },
                  ]}
                />
              </Section>
            )}
            {row.debt.plans.length > 0 && (
              <Section title={t('debt.plans')} flush>
                <DataTable
                  caption={t('debt.plans')} rows={row.debt.plans} rowKey={(one) => one.id} empty={null}
                  columns={[
                    { key: 'state', head: t('common.state'), cell: (one) => <Chip tone={toneOf(one.state)}>{t(`enum.PlanState.${one.state}`)}</Chip> },
                    { key: 'parts', head: t('debt.parts'), cell: (one) => <Text size="xs" className="tab">{one.parts.map((part) => `${part.covered ? '✓ ' : ''}${format.shortDate(part.dueOn)} ${format.money(part.amount)}`).join(' · ')}</Text> },
                    { key: 'amount', head: t('debt.owed'), numeric: true, cell: (one) => format.money(one.amount) },
                    { key: 'paid', head: t('debt.paid'), numeric: true, cell: (one) => <b>{format.money(one.paid)}</b> },
                  ]}
                />
              </Section>
            )}
            {row.debt.notices.length > 0 && (
              <Section title={t('debt.warned')} flush>
                <DataTable
                  caption={t('debt.warned')} rows={row.debt.notices} rowKey={(one) => one.id} empty={null}
                  columns={[
                    { key: 'state', head: t('common.state'), cell: (one) => <Chip tone={toneOf(one.state)}>{t(`enum.NoticeState.${one.state}`)}</Chip> },
                    { key: 'issued', head: t('debt.issuedOn'), cell: (one) => format.shortDate(one.issuedOn) },
                    { key: 'deadline', head: t('debt.deadline'), cell: (one) => format.shortDate(one.deadline) },
                    { key: 'debt', head: t('debt.then'), numeric: true, cell: (one) => format.money(one.debt) },
                    { key: 'paper', head: '', cell: (one) => <PaperButton path={one.paperPath} /> },
                  ]}
                />
              </Section>
            )}
            {row.debt.offBalance.length > 0 && (
              <Section title={t('debt.offBalance')} flush>
                <DataTable
                  caption={t('debt.offBalance')} rows={row.debt.offBalance} rowKey={(one) => `${one.origin} ${one.service} ${one.postedOn}`} empty={null}
                  columns={[
                    { key: 'origin', head: t('common.period'), cell: (one) => format.period(one.origin) },
                    { key: 'posted', head: t('debt.givenUpOn'), cell: (one) => format.shortDate(one.postedOn) },
                    { key: 'state', head: t('common.state'), cell: (one) => one.revivedOn ? t('debt.revivedOn', { date: format.shortDate(one.revivedOn) }) : '—' },
                    { key: 'amount', head: t('debt.sum'), numeric: true, cell: (one) => format.money(one.amount) },
                  ]}
                />
              </Section>
            )}
            {row.debt.campaigns.length > 0 && <Campaigns account={row} known={campaigns.nodes} done={again} />}
            {row.debt.interruptions.length > 0 && <Interruptions account={row} />}
            <Penalty rows={row.debt.penalty} />
          </Stack>
        )
      }}
    </Answer>
  )
}

/** Claims of the account, each a page of its own. */
function Claims({ account }: { account: Account }) {
  const t = useT()
  const format = useFormat()
  return (
    <Section title={t('debt.claimList')} flush>
      <DataTable
        caption={t('debt.claimList')} rows={account.debt.claims} rowKey={(one) => one.id} empty={null}
        columns={[
          { key: 'number', head: t('debt.claimNumber'), cell: (one) => <div><Link className="row-link tab" to="/debt/claims/$id" params={{ id: one.id }}>{`№\u00a0${one.number}`}</Link><Text size="xs" c="dimmed">{t(`enum.ClaimKind.${one.kind}`)}</Text></div> },
          { key: 'state', head: t('common.state'), cell: (one) => <div><Chip tone={toneOf(one.state)}>{t(`enum.ClaimState.${one.state}`)}</Chip><Text size="xs" c="dimmed" className="tab">{format.shortDate(one.stateOn)}</Text></div> },
          { key: 'authority', head: t('debt.authority'), cell: (one) => one.authority ?? '—' },
          { key: 'amount', head: t('debt.claimed'), numeric: true, cell: (one) => format.money(one.amount) },
          { key: 'rest', head: t('debt.left'), numeric: true, cell: (one) => <b>{format.money(addUp([one.rest, one.costsRest]))}</b> },
        ]}
      />
    </Section>
  )
}

/** Hundreds of lines come to a dozen months; a month opens into its debts. */
function Penalty({ rows }: { rows: readonly Month[] }) {
  const t = useT()
  const format = useFormat()
  const months = [...new Set(rows.map((one) => one.month))].toSorted().toReversed().map((month) => {
    const own = rows.filter((one) => one.month === month)
    return { month, own, sum: addUp(own.map((one) => one.amount)) }
  })
  return (
    <Section title={t('debt.penalty')} flush>
      <DataTable
        caption={t('debt.penalty')} rows={months} rowKey={(one) => one.month} empty={<Empty title={t('debt.noPenalty')}>{t('debt.noPenaltyText')}</Empty>}
        columns={[
          { key: 'month', head: t('debt.delayIn'), cell: (one) => format.period(one.month) },
          { key: 'amount', head: t('debt.penalty'), numeric: true, cell: (one) => <b>{format.money(one.sum)}</b>, total: format.money(addUp(months.map((one) => one.sum))) },
          {
            key: 'how', head: <span className="unseen">{t('debt.how')}</span>, numeric: true,
            cell: (one) => <DialogButton label={t('debt.how')} title={t('debt.penaltyOf', { month: format.period(one.month) })} buttonSize="compact-sm" size="xl">{() => <Lines of={one} />}</DialogButton>,
          },
        ]}
      />
    </Section>
  )
}

/** The debts of one month of delay, each with its days. */
function Lines({ of }: { of: { month: string; own: readonly Month[]; sum: string } }) {
  const t = useT()
  const format = useFormat()
  const title = t('debt.penaltyOf', { month: format.period(of.month) })
  return (
    <DataTable
      caption={title} rows={of.own} rowKey={(one) => `${one.origin} ${one.service}`} empty={null}
      columns={[
        { key: 'of', head: t('debt.debtOf'), cell: (one) => <div>{format.period(one.origin)}<Text size="xs" c="dimmed">{one.service ? t(`enum.Service.${one.service}`) : ''}</Text></div> },
        { key: 'how', head: t('debt.how'), cell: (one) => <How of={one} /> },
        { key: 'amount', head: t('debt.penalty'), numeric: true, cell: (one) => <b>{format.money(one.amount)}</b>, total: format.money(of.sum) },
      ]}
    />
  )
}

function Campaigns({ account, known, done }: { account: Account; known: readonly Campaign[]; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { language } = useLanguage()
  const applying = useAct(applyFor)
  const rows = account.debt.campaigns.map((member) => ({ member, campaign: known.find((one) => one.id === member.campaignId) }))
  const name = (one: Campaign | undefined) => (one ? (language === 'kk' ? one.nameKk : one.nameRu) : '—')
  return (
    <Section title={t('debt.campaigns')} flush>
      <DataTable
        caption={t('debt.campaigns')} rows={rows} rowKey={({ member }) => member.campaignId} empty={null}
        columns={[
          { key: 'name', head: t('debt.name'), cell: ({ campaign }) => <div>{name(campaign)}{campaign && <Text size="xs" c="dimmed">{t('debt.campaignTerms', { date: format.shortDate(campaign.payBy), percent: format.decimal(campaign.percent) })}</Text>}</div> },
          {
            key: 'state', head: t('common.state'),
            cell: ({ member, campaign }) => member.givenOn
              ? <Chip tone="good">{t('debt.givenOn', { date: format.shortDate(member.givenOn) })}</Chip>
              : member.appliedOn ? <Chip tone="busy">{t('debt.appliedOn', { date: format.shortDate(member.appliedOn) })}</Chip>
              : campaign?.byApplication ? <Chip tone="warn">{t('debt.notApplied')}</Chip> : campaign && <Chip tone={toneOf(campaign.state)}>{t(`enum.CampaignState.${campaign.state}`)}</Chip>,
          },
          { key: 'debt', head: t('debt.toPay'), numeric: true, cell: ({ member }) => format.money(member.debt) },
          { key: 'penalty', head: t('debt.penalty'), numeric: true, cell: ({ member }) => format.money(member.penalty) },
          { key: 'given', head: t('debt.given'), numeric: true, cell: ({ member }) => member.given ? <b>{format.money(member.given)}</b> : '—' },
          {
            key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
            cell: ({ member, campaign }) => can('DEBT_WRITE') && campaign?.state === 'STARTED' && campaign.byApplication && !member.appliedOn && (
              <AskButton
                act={applying} input={{ id: campaign.id, accountId: account.id }} label={t('debt.apply')} said={t('debt.applyDone')} done={done}
                text={t('debt.applyText', { name: name(campaign), debt: format.money(member.debt), date: format.date(campaign.payBy) })}
              />
            ),
          },
        ]}
      />
    </Section>
  )
}

function Interruptions({ account }: { account: Account }) {
  const t = useT()
  const format = useFormat()
  const { actor } = useCodes()
  const itemName = useItemName()
  const of = (ids: readonly (string | null | undefined)[]) => {
    if (ids.length > 1) return t('debt.manyDebts', { count: ids.length })
    if (!ids[0]) return t('debt.allDebts')
    const item = account.items.find((one) => one.id === ids[0])
    return item ? itemName(item) : t('debt.oneDebt')
  }
  // A claim interrupts the time of each of its items: one paper is one line.
  const papers = [...new Map(account.debt.interruptions.map((one) => [`${one.onDay} ${one.kind} ${one.documentId}`, one]))]
    .map(([key, one]) => ({ ...one, key, items: account.debt.interruptions.filter((other) => `${other.onDay} ${other.kind} ${other.documentId}` === key).map((other) => other.openItemId) }))
  return (
    <Section title={t('debt.interruptions')} flush>
      <DataTable
        caption={t('debt.interruptions')} rows={papers} rowKey={(one) => one.key} empty={null}
        columns={[
          { key: 'day', head: t('debt.interruptedOn'), cell: (one) => <span className="tab">{format.shortDate(one.onDay)}</span> },
          { key: 'kind', head: t('debt.reason'), cell: (one) => <div>{one.kind ? t(`enum.InterruptionKind.${one.kind}`) : '—'}<DocumentName id={one.documentId} /></div> },
          { key: 'of', head: t('debt.what'), cell: (one) => of(one.items) },
          { key: 'who', head: t('debt.who'), cell: (one) => actor(one.recordedBy) },
        ]}
      />
    </Section>
  )
}

function InterruptForm({ account, close, done }: { account: Account; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const itemName = useItemName()
  const finish = useFinish(close, done)
  const items = account.items.filter((one) => one.service && !one.rest.startsWith('-'))
  const form = useForm({
    act: useAct(interrupt),
    start: { kind: 'ACKNOWLEDGED', onDay: today, openItem: '', document: null as Picked | null },
    input: (read, values) => {
      const onDay = read.text('onDay')
      if (onDay > today) read.refuse('onDay', t('debt.notYet'))
      return { accountId: account.id, kind: values.kind as InterruptionKind, onDay, openItemId: values.openItem || null, documentId: read.picked('document') }
    },
    done: () => finish(t('debt.interrupted')),
  })
  const { values } = form
  const item = items.find((one) => one.id === values.openItem)
  return (
    <FormView
      form={form} submit={t('debt.interruptRecord')} cancel={close}
      check={() => t('debt.interruptCheck', { what: item ? itemName(item) : t('debt.allDebts'), date: format.date(values.onDay) })}
    >
      <Text size="sm" c="dimmed">{t('debt.interruptText')}</Text>
      <FieldRow>
        <ChoiceField name="kind" label={t('debt.reason')} choices={kinds.map((value) => ({ value, label: t(`enum.InterruptionKind.${value}`) }))} />
        <TextField name="onDay" label={t('debt.interruptedOn')} kind="date" required />
      </FieldRow>
      <ChoiceField name="openItem" label={t('debt.what')} choices={[{ value: '', label: t('debt.allDebts') }, ...items.map((one) => ({ value: one.id, label: itemName(one) }))]} />
      <DocumentField name="document" required />
    </FormView>
  )
}

/** Days × sum × rate, one line for each change of the sum or the rate. */
function How({ of }: { of: Month }) {
  const t = useT()
  const format = useFormat()
  const [shown, setShown] = useState(false)
  const days = of.days.reduce((all, one) => all + one.days, 0)
  return (
    <div>
      <Button size="compact-xs" variant="subtle" px={0} aria-expanded={shown} onClick={() => setShown(!shown)}>{t('debt.dayCount', { count: days })}</Button>
      <Collapse expanded={shown}>
        <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing="xs" fz="xs" aria-label={t('debt.how')}>
          <Table.Tbody>
            {of.days.map((one) => (
              <Table.Tr key={one.from}>
                <Table.Td className="tab">{format.shortDate(one.from)} – {format.shortDate(one.to)}</Table.Td>
                <Table.Td className="num">{t('debt.formula', { sum: format.money(one.overdue), rate: format.decimal(one.baseRate), times: format.decimal(one.multiplier), year: one.yearDays, days: one.days })}</Table.Td>
                <Table.Td className="num">{format.decimal(one.exact)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Collapse>
    </div>
  )
}

/** Parts of items that a claim which is not over keeps. */
const claimed = (account: Account) => account.debt.claims.filter((one) => !one.endedOn).flatMap((one) => one.items)

function DisputeForm({ account, close, done }: { account: Account; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const itemName = useItemName()
  const finish = useFinish(close, done)
  // What is disputed already is decided first, what is claimed is decided elsewhere.
  const taken = new Set([...account.debt.disputes.filter((one) => one.state === 'OPEN'), ...claimed(account)].map((one) => one.openItemId))
  const items = account.items.filter((one) => one.service && !one.rest.startsWith('-') && !taken.has(one.id))
  const form = useForm({
    act: useAct(open),
    // Without a sum of its own the whole item is disputed, whichever is chosen.
    start: { openItem: items[0]?.id ?? '', amount: '', reason: '' },
    input: (read, values) => {
      const rest = items.find((one) => one.id === values.openItem)?.rest ?? '0.00'
      const amount = values.amount.trim() ? read.decimal('amount', 2) : rest
      if (Number(amount) > Number(rest)) read.refuse('amount', t('debt.disputeMore', { sum: format.money(rest) }))
      return { accountId: account.id, openItemId: read.text('openItem'), amount, reason: read.text('reason') }
    },
    done: () => finish(t('debt.disputeOpened')),
  })
  const chosen = items.find((one) => one.id === form.values.openItem)
  return (
    <FormView form={form} submit={t('debt.openDispute')} cancel={close}>
      <Text size="sm" c="dimmed">{t('debt.disputeText')}</Text>
      <ChoiceField name="openItem" label={t('debt.what')} required choices={items.map((one) => ({ value: one.id, label: itemName(one) }))} />
      <TextField name="amount" label={t('debt.disputeSum')} hint={t('debt.disputeSumHint', { sum: format.money(chosen?.rest ?? '0.00') })} mode="decimal" unit="₸" />
      <TextField name="reason" label={t('debt.why')} kind="long" required />
    </FormView>
  )
}

function PlanForm({ account, close, done }: { account: Account; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(agree),
    start: { parts: '3', first: today, document: null as Picked | null },
    input: (read, values) => {
      const parts = read.whole('parts')
      if (values.parts && parts === 0) read.refuse('parts', t('debt.noParts'))
      return { accountId: account.id, parts, first: read.text('first'), documentId: read.picked('document') }
    },
    done: () => finish(t('debt.planAgreed')),
  })
  const items = account.items.filter((one) => one.dueOn < today && !one.rest.startsWith('-'))
  const kept = claimed(account).filter((part) => items.some((one) => one.id === part.openItemId))
  const overdue = addUp([...items.map((one) => one.rest), ...kept.map((one) => `-${one.rest}`)])
  const { values } = form
  return (
    <FormView
      form={form} submit={t('debt.agreePlan')} cancel={close}
      check={() => t('debt.planCheck', { sum: format.money(overdue), parts: values.parts, each: format.money((Number(overdue) / Number(values.parts)).toFixed(2)), date: format.date(values.first) })}
    >
      <Text size="sm" c="dimmed">{t('debt.planText')}</Text>
      <FieldRow>
        <TextField name="parts" label={t('debt.parts')} mode="numeric" required />
        <TextField name="first" label={t('debt.firstPart')} kind="date" required />
      </FieldRow>
      <DocumentField name="document" required />
    </FormView>
  )
}
