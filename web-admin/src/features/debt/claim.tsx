// One claim: how far it has come, what is claimed and paid, what it costs, and the acts on it.
import { Alert, Box, Group, Paper, Progress, Stack, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Answer, Chip, ChoiceField, DataTable, DialogButton, Empty, FieldRow, Figures, FormView, IconBack, PageHead, Section, TextField, sign, useAct, useFinish, useForm, useFormat, type Picked,
} from '@aiscra/ui'
import { graphql, type ClaimCostKind, type ClaimKind, type ClaimQuery, type ClaimState } from '../../gql'
import { NotFound } from '../../app/not-found'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT, type Key } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'
import { addUp } from '../../lib/sums'
import { DocumentField } from '../archive/document-field'
import './claim.css'
import { share, toneOf } from './parts'

const query = graphql(`
  query Claim($id: ID!, $documents: Boolean!) {
    claim(id: $id) {
      id number kind state next amount paid rest costsAmount costsRest penaltyUpTo stopsPenalty preparedOn preparedBy filedOn endedOn writeOffSuggested
      account { id number address }
      debtor { id name }
      document @include(if: $documents) { id number issuedOn subject }
      parts { component amount rest }
      items { openItemId service component origin dueOn amount rest expiresOn }
      steps {
        state on authority number amount note recordedBy recordedAt takenBackBy
        document @include(if: $documents) { id number issuedOn }
      }
      costs { id openItemId kind on amount rest reversed recordedBy document @include(if: $documents) { id number issuedOn } }
      settlements { on source amount }
    }
  }
`)
const stepMutation = graphql(`
  mutation ClaimStep($input: ClaimStepInput!) { claimStep(input: $input) { claim { id state } errors { code field message } } }
`)
const backMutation = graphql(`
  mutation ClaimStepTakeBack($input: ClaimStepTakeBackInput!) { claimStepTakeBack(input: $input) { claim { id state } errors { code field message } } }
`)
const chargeMutation = graphql(`
  mutation ClaimCostCharge($input: ClaimCostChargeInput!) { claimCostCharge(input: $input) { claim { id costsAmount } errors { code field message } } }
`)
const reverseMutation = graphql(`
  mutation ClaimCostReverse($input: ClaimCostReverseInput!) { claimCostReverse(input: $input) { claim { id costsAmount } errors { code field message } } }
`)
const giveUpMutation = graphql(`
  mutation ClaimGiveUp($input: WriteOffProposeInput!) { writeOffPropose(input: $input) { writeOff { id } errors { code field message } } }
`)

type Claim = NonNullable<ClaimQuery['claim']>
type Step = Claim['steps'][number]
type Cost = Claim['costs'][number]
const costKinds: ClaimCostKind[] = ['STATE_FEE', 'NOTARY_FEE', 'BAILIFF_FEE', 'EXPERT', 'OTHER']
/** How a claim goes when all goes well. */
const ways: Record<ClaimKind, ClaimState[]> = {
  NOTARY: ['PREPARED', 'FILED', 'GRANTED', 'ENFORCED', 'SATISFIED'],
  COURT: ['PREPARED', 'FILED', 'GRANTED', 'ENFORCED', 'SATISFIED'],
  BANKRUPTCY: ['PREPARED', 'FILED', 'ACCEPTED', 'SATISFIED'],
}
const sources: Record<string, Key> = {
  payment: 'debt.by.payment', payment_reversal: 'debt.by.paymentReversal', advance: 'debt.by.advance', penalty: 'debt.by.penalty', correction: 'debt.by.correction',
  cost: 'debt.by.cost', write_off: 'debt.by.writeOff', one_off: 'debt.by.correction', transfer: 'debt.by.correction',
}
const route = getRouteApi('/debt/claims/$id')

export function ClaimPage() {
  const t = useT()
  const can = useCan()
  const { id } = route.useParams()
  const [result, refetch] = useQuery({ query, variables: { id, documents: can('DOCUMENT_READ') } })
  const again = () => refetch({ requestPolicy: 'network-only' })
  return (
    <Answer result={result} retry={again} lines={8}>
      {({ claim }) => !claim ? <NotFound /> : (
        <>
          <Link className="row-link" to="/debt/claims"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('debt.claims')}</Group></Link>
          <PageHead title={t('debt.claimTitle', { number: claim.number })} lead={t(`enum.ClaimKind.${claim.kind}`)}>
            <Chip tone={toneOf(claim.state)}>{t(`enum.ClaimState.${claim.state}`)}</Chip>
            <Acts claim={claim} done={again} />
          </PageHead>
          <Stack>
            {claim.writeOffSuggested && <Hopeless claim={claim} done={again} />}
            <Way claim={claim} />
            <About claim={claim} />
            <Steps claim={claim} />
            <Costs claim={claim} done={again} />
            <Settled claim={claim} />
            <Items claim={claim} />
          </Stack>
        </>
      )}
    </Answer>
  )
}

const stands = (claim: Claim) => claim.steps.filter((one) => !one.takenBackBy)
const dayCount = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)

const colour = (state: ClaimState) => `var(--${toneOf(state) === 'plain' ? 'link' : toneOf(state)})`

/** The way of a claim as a picture: what happened with its day and how long it took, where it stands, what is ahead. */
function Way({ claim }: { claim: Claim }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const done = stands(claim)
  const way = ways[claim.kind]
  const last = done[done.length - 1]
  const here = way.indexOf(claim.state)
  const ahead = claim.endedOn || claim.state === 'IMPOSSIBLE' || claim.state === 'SETTLED'
    ? []
    : way.slice(here >= 0 ? here + 1 : claim.state === 'DEMANDED' || claim.state === 'RETURNED' ? 1 : way.length)
  return (
    <Section title={t('debt.way')}>
      <Box component="ol" className="way">
        {done.map((one, index) => (
          <li key={index} data-now={one === last || undefined} style={{ '--dot': one === last ? colour(one.state) : 'var(--good)' } as never} {...(one === last ? { 'aria-current': 'step' as const } : {})}>
            <span className="way-dot" aria-hidden />
            <b>{t(`enum.ClaimState.${one.state}`)}</b>
            <span className="tab">{format.shortDate(one.on)}</span>
            {index > 0 && <small>{t('debt.daysLater', { count: dayCount(done[index - 1]!.on, one.on) })}</small>}
            {one === last && !claim.endedOn && one.on < today && <small>{t('debt.daysSince', { count: dayCount(one.on, today) })}</small>}
          </li>
        ))}
        {ahead.map((state) => <li key={state} data-ahead><span className="way-dot" aria-hidden /><span>{t(`enum.ClaimState.${state}`)}</span></li>)}
      </Box>
    </Section>
  )
}

function About({ claim }: { claim: Claim }) {
  const t = useT()
  const format = useFormat()
  const { actor } = useCodes()
  const total = addUp([claim.amount, claim.costsAmount])
  const left = addUp([claim.rest, claim.costsRest])
  const paid = addUp([total, `-${left}`])
  const at = stands(claim).toReversed()
  const authority = at.find((one) => one.authority)
  const number = at.find((one) => one.number)
  return (
    <Paper withBorder p="lg">
      <Stack gap="md">
        <Figures
          large
          rows={[
            { label: t('debt.debtor'), value: claim.debtor.name, note: <><Link className="row-link tab" to="/accounts/$number" params={{ number: claim.account.number }} search={{ tab: 'debt' }}>{claim.account.number}</Link> · {claim.account.address}</> },
            { label: t('debt.claimed'), value: format.money(claim.amount), note: claim.parts.map((part) => `${t(`enum.Component.${part.component}`)} ${format.money(part.amount)}`).join(' · ') },
            { label: t('debt.costs'), value: sign(claim.costsAmount) === 0 ? '—' : format.money(claim.costsAmount) },
            { label: t('debt.settled'), value: format.money(paid), note: <Progress size={6} mt={6} value={share(paid, total)} aria-label={t('debt.settled')} /> },
            { label: t('debt.left'), value: format.money(left) },
          ]}
        />
        <Figures
          rows={[
            authority && { label: t('debt.authority'), value: authority.authority, note: number?.number && t('debt.caseNumber', { number: number.number }) },
            { label: t('debt.penalty'), value: claim.penaltyUpTo ? t('debt.upTo', { date: format.shortDate(claim.penaltyUpTo) }) : t('debt.withoutPenalty'), note: claim.filedOn ? (claim.stopsPenalty ? t('debt.restsSince', { date: format.shortDate(claim.filedOn) }) : t('debt.penaltyGoesOn')) : null },
            claim.document && { label: t('archive.document'), value: t('archive.line', { number: paperNumber(claim.document.number), date: format.shortDate(claim.document.issuedOn), subject: claim.document.subject }) },
            { label: t('debt.fixedBy'), value: actor(claim.preparedBy), note: format.shortDate(claim.preparedOn) },
          ]}
        />
      </Stack>
    </Paper>
  )
}

function Items({ claim }: { claim: Claim }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  return (
    <Section title={t('debt.claimItems')} flush>
      <DataTable
        caption={t('debt.claimItems')} rows={claim.items} rowKey={(one) => one.openItemId} empty={null}
        columns={[
          { key: 'origin', head: t('common.period'), cell: (one) => format.period(one.origin) },
          { key: 'what', head: t('debt.what'), cell: (one) => <div>{one.service ? t(`enum.Service.${one.service}`) : '—'}<Text size="xs" c="dimmed">{one.component ? t(`enum.Component.${one.component}`) : ''}</Text></div> },
          { key: 'due', head: t('debt.dueOn'), cell: (one) => <span className="tab">{format.shortDate(one.dueOn)}</span> },
          { key: 'expires', head: t('debt.limitation'), cell: (one) => one.expiresOn ? <span className="tab" style={one.expiresOn < today ? { color: 'var(--bad)', fontWeight: 600 } : {}}>{format.shortDate(one.expiresOn)}</span> : '—' },
          { key: 'amount', head: t('debt.claimed'), numeric: true, cell: (one) => format.money(one.amount), total: format.money(claim.amount) },
          { key: 'rest', head: t('debt.left'), numeric: true, cell: (one) => sign(one.rest) === 0 ? <Chip tone="good">{t('debt.paidOff')}</Chip> : <b>{format.money(one.rest)}</b>, total: format.money(claim.rest) },
        ]}
      />
    </Section>
  )
}

function Costs({ claim, done }: { claim: Claim; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { actor } = useCodes()
  return (
    <Section
      title={t('debt.costs')} flush
      side={can('DEBT_CLAIM') && !claim.endedOn && <DialogButton label={t('debt.chargeCost')} buttonSize="xs">{(close) => <CostForm claim={claim} close={close} done={done} />}</DialogButton>}
    >
      <DataTable
        caption={t('debt.costs')} rows={claim.costs} rowKey={(one) => one.id} empty={<Empty title={t('debt.noCosts')}>{t('debt.noCostsText')}</Empty>}
        columns={[
          { key: 'kind', head: t('debt.costKind'), cell: (one) => <div>{t(`enum.ClaimCostKind.${one.kind}`)}<PaperLine of={one.document} /></div> },
          { key: 'on', head: t('debt.costOn'), cell: (one) => <span className="tab">{format.shortDate(one.on)}</span> },
          { key: 'who', head: t('debt.who'), cell: (one) => actor(one.recordedBy) },
          { key: 'amount', head: t('debt.sum'), numeric: true, cell: (one) => <span style={one.reversed ? { textDecoration: 'line-through' } : {}}>{format.money(one.amount)}</span>, total: format.money(claim.costsAmount) },
          { key: 'rest', head: t('debt.left'), numeric: true, cell: (one) => one.reversed ? <Chip tone="plain">{t('debt.costReversed')}</Chip> : sign(one.rest) === 0 ? <Chip tone="good">{t('debt.paidOff')}</Chip> : <b>{format.money(one.rest)}</b>, total: format.money(claim.costsRest) },
          {
            key: 'acts', head: <span className="unseen">{t('common.acts')}</span>, numeric: true,
            cell: (one) => !one.reversed && can('DEBT_DECIDE') && <DialogButton label={t('debt.reverse')} buttonSize="compact-sm">{(close) => <ReverseForm cost={one} close={close} done={done} />}</DialogButton>,
          },
        ]}
      />
    </Section>
  )
}

/** The paper behind a line, for whoever may see papers. */
function PaperLine({ of }: { of?: { number: string; issuedOn: string } | null | undefined }) {
  const t = useT()
  const format = useFormat()
  return of ? <Text size="xs" c="dimmed">{t('imbalance.paper', { number: paperNumber(of.number), date: format.shortDate(of.issuedOn) })}</Text> : null
}

function Settled({ claim }: { claim: Claim }) {
  const t = useT()
  const format = useFormat()
  if (claim.settlements.length === 0) return null
  return (
    <Section title={t('debt.settlements')} flush>
      <DataTable
        caption={t('debt.settlements')} rows={claim.settlements.map((one, index) => ({ ...one, index }))} rowKey={(one) => String(one.index)} empty={null}
        columns={[
          { key: 'on', head: t('debt.when'), cell: (one) => <span className="tab">{format.shortDate(one.on)}</span> },
          { key: 'source', head: t('debt.byWhat'), cell: (one) => sources[one.source] ? t(sources[one.source]!) : one.source },
          { key: 'amount', head: t('debt.sum'), numeric: true, cell: (one) => <b>{format.money(one.amount)}</b> },
        ]}
      />
    </Section>
  )
}

const faded = (one: Step) => (one.takenBackBy ? { textDecoration: 'line-through', opacity: 0.7 } : {})

function Steps({ claim }: { claim: Claim }) {
  const t = useT()
  const format = useFormat()
  const { actor } = useCodes()
  const rows = claim.steps.map((one, index) => ({ ...one, index })).toReversed()
  return (
    <Section title={t('debt.steps')} flush>
      <DataTable
        caption={t('debt.steps')} rows={rows} rowKey={(one) => String(one.index)} empty={null}
        columns={[
          { key: 'on', head: t('debt.when'), cell: (one) => <span className="tab" style={faded(one)}>{format.shortDate(one.on)}</span> },
          { key: 'state', head: t('debt.step'), cell: (one) => <div><span style={faded(one)}>{t(`enum.ClaimState.${one.state}`)}</span>{one.takenBackBy && <Text size="xs" c="var(--bad)">{t('debt.stepTakenBack', { who: actor(one.takenBackBy) })}</Text>}{one.note && <Text size="xs" c="dimmed">{one.note}</Text>}</div> },
          { key: 'authority', head: t('debt.authority'), cell: (one) => one.authority || one.number ? <div>{one.authority}{one.number && <Text size="xs" c="dimmed" className="tab">{one.number}</Text>}</div> : '—' },
          { key: 'document', head: t('archive.document'), cell: (one) => one.document ? <PaperLine of={one.document} /> : <Text size="xs" c="dimmed">{one.recordedBy === 'debt' ? t('debt.byItself') : '—'}</Text> },
          { key: 'who', head: t('debt.who'), cell: (one) => <div>{actor(one.recordedBy)}<Text size="xs" c="dimmed" className="tab">{format.dateTime(one.recordedAt)}</Text></div> },
          { key: 'amount', head: t('debt.sum'), numeric: true, cell: (one) => one.amount ? format.money(one.amount) : '—' },
        ]}
      />
    </Section>
  )
}

function Acts({ claim, done }: { claim: Claim; done: () => void }) {
  const t = useT()
  const can = useCan()
  return (
    <>
      {can('DEBT_DECIDE') && stands(claim).length > 1 && (
        <DialogButton label={t('debt.takeBack')} variant="default">{(close) => <BackForm claim={claim} close={close} done={done} />}</DialogButton>
      )}
      {can('DEBT_CLAIM') && claim.next.length > 0 && (
        <DialogButton label={t('debt.recordStep')} variant="filled">{(close) => <StepForm claim={claim} close={close} done={done} />}</DialogButton>
      )}
    </>
  )
}

function StepForm({ claim, close, done }: { claim: Claim; close: () => void; done: () => void }) {
  const t = useT()
  const today = useToday()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(stepMutation),
    start: { state: claim.next[0]! as string, on: today, authority: '', number: '', amount: '', note: '', document: null as Picked | null },
    input: (read, values) => {
      const on = read.text('on')
      if (on > today) read.refuse('on', t('debt.notYet'))
      const state = values.state as ClaimState
      return {
        id: claim.id, state, on, documentId: read.picked('document'), note: read.optional('note'),
        authority: state === 'FILED' || state === 'ENFORCED' ? read.text('authority') : read.optional('authority'),
        number: state === 'ENFORCED' ? read.text('number') : read.optional('number'),
        amount: values.amount.trim() ? read.decimal('amount', 2) : null,
      }
    },
    done: () => finish(t('debt.stepRecorded')),
  })
  const state = form.values.state as ClaimState
  const free = state === 'WITHDRAWN' || state === 'REFUSED' || state === 'ANNULLED'
  return (
    <FormView form={form} submit={t('debt.recordStep')} cancel={close} danger={free} {...(free ? { check: () => t('debt.stepFrees') } : {})}>
      <FieldRow>
        <ChoiceField name="state" label={t('debt.step')} required choices={claim.next.map((value) => ({ value, label: t(`enum.ClaimState.${value}`) }))} />
        <TextField name="on" label={t('debt.when')} kind="date" required />
      </FieldRow>
      <FieldRow>
        <TextField name="authority" label={t('debt.authority')} hint={t('debt.authorityHint')} required={state === 'FILED' || state === 'ENFORCED'} />
        <TextField name="number" label={t('debt.stepNumber')} required={state === 'ENFORCED'} />
      </FieldRow>
      <TextField name="amount" label={t('debt.stepAmount')} hint={t('debt.stepAmountHint')} mode="decimal" unit="₸" />
      <TextField name="note" label={t('debt.note')} kind="long" />
      <DocumentField name="document" required />
    </FormView>
  )
}

function BackForm({ claim, close, done }: { claim: Claim; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const standing = stands(claim)
  const last = standing[standing.length - 1]!
  const form = useForm({
    act: useAct(backMutation),
    start: { document: null as Picked | null },
    input: (read) => ({ id: claim.id, documentId: read.picked('document') }),
    done: () => finish(t('debt.takenBackDone')),
  })
  return (
    <FormView form={form} submit={t('debt.takeBack')} cancel={close} danger>
      <Alert color="yellow">{t('debt.takeBackText', { step: t(`enum.ClaimState.${last.state}`), date: format.date(last.on) })}</Alert>
      <DocumentField name="document" required />
    </FormView>
  )
}

function CostForm({ claim, close, done }: { claim: Claim; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(chargeMutation),
    start: { kind: claim.kind === 'NOTARY' ? 'NOTARY_FEE' : 'STATE_FEE', amount: '', on: today, document: null as Picked | null },
    input: (read, values) => {
      const on = read.text('on')
      if (on > today) read.refuse('on', t('debt.notYet'))
      return { id: claim.id, kind: values.kind as ClaimCostKind, amount: read.decimal('amount', 2), on, documentId: read.picked('document') }
    },
    done: () => finish(t('debt.costCharged')),
  })
  return (
    <FormView form={form} submit={t('debt.chargeCost')} cancel={close} check={() => t('debt.costCheck', { account: claim.account.number, sum: format.money(form.values.amount.replace(/[\s\u00a0]/g, '').replace(',', '.')) })}>
      <Text size="sm" c="dimmed">{t('debt.costText')}</Text>
      <FieldRow>
        <ChoiceField name="kind" label={t('debt.costKind')} choices={costKinds.map((value) => ({ value, label: t(`enum.ClaimCostKind.${value}`) }))} />
        <TextField name="amount" label={t('debt.sum')} mode="decimal" unit="₸" required />
      </FieldRow>
      <TextField name="on" label={t('debt.costOn')} kind="date" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function ReverseForm({ cost, close, done }: { cost: Cost; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(reverseMutation),
    start: { document: null as Picked | null },
    input: (read) => ({ id: cost.id, documentId: read.picked('document') }),
    done: () => finish(t('debt.costTakenBack')),
  })
  return (
    <FormView form={form} submit={t('debt.reverse')} cancel={close} danger>
      <Alert color="yellow">{t('debt.costReverseText', { sum: format.money(cost.amount) })}</Alert>
      <DocumentField name="document" required />
    </FormView>
  )
}

/** Nothing more is to be had: what is left may go to an order of write-off, which a second person posts. */
function Hopeless({ claim, done }: { claim: Claim; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  return (
    <Alert color="yellow">
      <Group justify="space-between" align="center">
        <Text size="sm" flex="1 1 320px"><b>{t('debt.hopeless')}.</b> {t('debt.hopelessText', { sum: format.money(addUp([claim.rest, claim.costsRest])) })}</Text>
        {can('DEBT_ACCRUE') && <DialogButton label={t('debt.proposeWriteOff')} buttonSize="xs" variant="filled">{(close) => <GiveUpForm claim={claim} close={close} done={done} />}</DialogButton>}
      </Group>
    </Alert>
  )
}

function GiveUpForm({ claim, close, done }: { claim: Claim; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const left = [...claim.items, ...claim.costs.filter((one) => !one.reversed)].filter((one) => sign(one.rest) > 0).flatMap((one) => one.openItemId ?? [])
  const form = useForm({
    act: useAct(giveUpMutation),
    start: { reason: t('debt.giveUpReason', { number: claim.number }), document: null as Picked | null },
    input: (read) => ({ items: left.map((openItemId) => ({ accountId: claim.account.id, openItemId })), reason: read.text('reason'), documentId: read.picked('document') }),
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
