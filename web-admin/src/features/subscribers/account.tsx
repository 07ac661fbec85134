import { Suspense, lazy, useState } from 'react'
import { Box, Button, Group, Paper, SimpleGrid, Tabs, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, Figures, PageHead, Problem, Waiting, sign, useFormat } from '@aiscra/ui'
import { graphql, type AccountCardQuery } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { NotFound } from '../../app/not-found'
import type { AccountTab } from '../../app/router'
import { AccountActs } from './acts'
import { Balance } from './balance'
import { FinalBillForm, LifeActs } from './life'
import { Overview, Signals } from './overview'

// Most looks at an account are about the overview: a tab is fetched when it is opened.
const BillsTab = lazy(() => import('../billing/bills').then((module) => ({ default: module.BillsTab })))
const ReadingsTab = lazy(() => import('../readings/readings').then((module) => ({ default: module.ReadingsTab })))
const PaymentsTab = lazy(() => import('../payments/payments').then((module) => ({ default: module.PaymentsTab })))
const DebtTab = lazy(() => import('../debt/account').then((module) => ({ default: module.DebtTab })))

const query = graphql(`
  query AccountCard($number: String!, $readings: Boolean!, $bills: Boolean!, $payments: Boolean!) {
    account(number: $number) {
      id number sector consumerGroup consumerGroups { from } status openedOn closedOn address balance owed advance dueOn version
      premise { id building { id address } }
      residents { id residents from to source }
      holder { id kind name isEstate diedOn }
      owners { share from part person { id name } }
      successors { id number }
      predecessors { id number }
      plots { pointId squareMeters from to documentId }
      bulkBilling { from to payer documentId }
      specials { id kind pointId from to people diameterMm lastCheckOn cappedOn chargedTo documentId }
      points {
        id hot water sewerage amenity suppliedSince
        place: premise { id address }
        meter { id serial installedOn verifiedUntil model { id name digits } }
        meterAway { id serial removedOn removalReason }
        lastReading @include(if: $readings) { id value takenOn verdict }
        waitingReading @include(if: $readings) { id value takenOn reasons { code message } }
      }
      openItems(first: 100) @include(if: $bills) { nodes { id service component origin dueOn amount settled rest } pageInfo { hasNextPage } }
      bills(first: 12) @include(if: $bills) { nodes { id period charged paid closing issuedAt isFinal } }
      payments(first: 4) @include(if: $payments) { nodes { id paidOn amount channel reversed } }
    }
  }
`)

const personalQuery = graphql(`
  query PersonalData($id: ID!) {
    account(id: $id) { id holder { id kind identification phone email } }
  }
`)

export type Account = NonNullable<AccountCardQuery['account']>
const route = getRouteApi('/accounts/$number')

export function AccountCard() {
  const t = useT()
  const can = useCan()
  const { number } = route.useParams()
  const { tab = 'overview' } = route.useSearch()
  const navigate = route.useNavigate()
  const [result, refetch] = useQuery({ query, variables: { number, readings: can('READING_READ'), bills: can('BILL_READ'), payments: can('PAYMENT_READ') } })
  const again = () => refetch({ requestPolicy: 'network-only' })

  return (
    <Answer result={result} retry={again} lines={8}>
      {({ account }) =>
        !account ? <NotFound /> : (
          <>
            <Head account={account} />
            {can('ACCOUNT_WRITE') && <Box mb="xs"><AccountActs account={account} refresh={again} finalBill={(close) => <FinalBillForm account={account} close={close} refresh={again} />} /></Box>}
            {(can('ACCOUNT_WRITE') || can('CORRECTION_WRITE')) && <Box mb="md"><LifeActs account={account} refresh={again} /></Box>}
            <Tabs value={tab} onChange={(value) => void navigate({ search: { tab: value as AccountTab }, replace: true })} keepMounted={false}>
              <Tabs.List mb="md">
                <Tabs.Tab value="overview">{t('subscribers.overview')}</Tabs.Tab>
                {can('BILL_READ') && <Tabs.Tab value="bills">{t('billing.bills')}</Tabs.Tab>}
                {can('READING_READ') && <Tabs.Tab value="readings">{t('readings.title')}</Tabs.Tab>}
                {can('PAYMENT_READ') && <Tabs.Tab value="payments">{t('payments.title')}</Tabs.Tab>}
                {can('DEBT_READ') && <Tabs.Tab value="debt">{t('nav.debt')}</Tabs.Tab>}
              </Tabs.List>
              <Suspense fallback={<Waiting lines={6} />}>
                <Tabs.Panel value="overview"><Overview account={account} refresh={again} /></Tabs.Panel>
                <Tabs.Panel value="bills"><BillsTab account={account} onChange={again} /></Tabs.Panel>
                <Tabs.Panel value="readings"><ReadingsTab account={account} onChange={again} /></Tabs.Panel>
                <Tabs.Panel value="payments"><PaymentsTab account={account} onChange={again} /></Tabs.Panel>
                <Tabs.Panel value="debt"><DebtTab account={account} onChange={again} /></Tabs.Panel>
              </Suspense>
            </Tabs>
          </>
        )
      }
    </Answer>
  )
}

function Head({ account }: { account: Account }) {
  const t = useT()
  const codes = useCodes()
  const can = useCan()
  const format = useFormat()
  const today = useToday()
  const late = sign(account.balance) > 0 && account.dueOn != null && account.dueOn < today
  const group = t(`enum.ConsumerGroup.${account.consumerGroup}`)
  const groupSince = account.consumerGroups.at(-1)?.from
  return (
    <>
      <PageHead title={t('subscribers.account', { number: account.number })} lead={account.address}>
        <Chip tone={account.status === 'ACTIVE' ? 'good' : 'plain'}>{t(`enum.AccountStatus.${account.status}`)}</Chip>
        <Chip tone="busy">{t(`enum.Sector.${account.sector}`)}</Chip>
      </PageHead>
      <Paper withBorder p="lg" mb="md">
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
          <Balance value={account.balance} large />
          <Figures
            rows={[{
              label: t('subscribers.holder'), value: account.holder?.name ?? '—',
              note: account.holder && can('PERSONAL_DATA_READ') && <PersonalData account={account.id} />,
            }]}
          />
          {account.sector !== 'LEGAL' && <Figures
            rows={[{
              label: t('subscribers.residents'), value: account.residents ? t('subscribers.people', { count: account.residents.residents }) : '—',
              note: account.residents && t('subscribers.residentsSince', { date: format.shortDate(account.residents.from), source: codes.source(account.residents.source) }),
            }]}
          />}
          <Figures rows={[{ label: late ? t('subscribers.dueWas') : t('subscribers.due'), value: account.dueOn && sign(account.balance) > 0 ? format.date(account.dueOn) : '—', note: groupSince ? t('subscribers.groupSince', { group, date: format.shortDate(groupSince) }) : group }]} />
        </SimpleGrid>
        <Line account={account} />
        <Owners account={account} />
        <Signals account={account} />
      </Paper>
    </>
  )
}

/** Where a closed number went, and where this one came from. */
function Line({ account }: { account: Account }) {
  const t = useT()
  const links = (rows: Account['successors']) => rows.map((one) => <Link key={one.id} className="row-link tab" to="/accounts/$number" params={{ number: one.number }}>{one.number}</Link>)
  return (
    <>
      {account.successors.length > 0 && <Group gap="xs" mt="md"><Text size="sm" fw={600}>{t('life.wentTo')}</Text>{links(account.successors)}</Group>}
      {account.predecessors.length > 0 && <Group gap="xs" mt="md"><Text size="sm" c="dimmed">{t('life.cameFrom')}</Text>{links(account.predecessors)}</Group>}
    </>
  )
}

/** Joint owners with what each owns of the balance. */
function Owners({ account }: { account: Account }) {
  const t = useT()
  const format = useFormat()
  if (account.owners.length === 0) return null
  return (
    <Text size="sm" mt="md">
      {t('life.owners')}: {account.owners.map((one) => `${one.person.name} ${one.share} (${format.money(one.part)})`).join(', ')}
    </Text>
  )
}

/** ИИН and contacts on request only: the server records each look. */
function PersonalData({ account }: { account: string }) {
  const t = useT()
  const [asked, setAsked] = useState(false)
  const [result, again] = useQuery({ query: personalQuery, variables: { id: account }, pause: !asked, requestPolicy: 'network-only' })
  const holder = result.data?.account?.holder
  if (!asked) {
    return (
      <Button size="compact-xs" variant="subtle" px={0} display="block" title={t('subscribers.revealNote')} onClick={() => setAsked(true)}>
        {t('subscribers.reveal')}
      </Button>
    )
  }
  if (result.error) return <Problem error={result.error} retry={again} />
  if (!holder) return null
  return (
    <Text size="xs" c="dimmed" className="tab" component="span" display="block">
      {holder.identification && <div>{t(`enum.PartyKind.${holder.kind}`)} {holder.identification}</div>}
      <div>{[holder.phone, holder.email].filter(Boolean).join(' · ')}</div>
    </Text>
  )
}
