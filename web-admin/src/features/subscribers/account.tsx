import { useState } from 'react'
import { Box, Button, Group, Paper, SimpleGrid, Stack, Tabs, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, Empty, PageHead, Problem, useFormat } from '@aiscra/ui'
import { graphql, type AccountCardQuery } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { NotFound } from '../../app/not-found'
import type { AccountTab } from '../../app/router'
import { BillsTab } from '../billing/bills'
import { PaymentsTab } from '../payments/payments'
import { ReadingsTab } from '../readings/readings'
import { MeterActs } from '../meters/acts'
import { AccountActs } from './acts'
import { Balance } from './balance'

const query = graphql(`
  query AccountCard($number: String!, $contracts: Boolean!, $readings: Boolean!, $bills: Boolean!) {
    account(number: $number) {
      id number sector consumerGroup status openedOn closedOn address balance owed advance dueOn version
      residents { id residents from to source }
      contract @include(if: $contracts) { id number kind signedOn }
      holder { id kind name }
      points {
        id hot water sewerage amenity
        meter { id serial installedOn verifiedUntil model { id name digits } }
        lastReading @include(if: $readings) { id value takenOn verdict }
      }
      openItems(first: 50) @include(if: $bills) { nodes { id service component origin dueOn amount settled rest } }
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
  const [result, refetch] = useQuery({ query, variables: { number, contracts: can('CONTRACT_READ'), readings: can('READING_READ'), bills: can('BILL_READ') } })
  const again = () => refetch({ requestPolicy: 'network-only' })

  return (
    <Answer result={result} retry={again} lines={8}>
      {({ account }) =>
        !account ? <NotFound /> : (
          <>
            <Head account={account} />
            {can('ACCOUNT_WRITE') && <Box mb="md"><AccountActs account={account} refresh={again} /></Box>}
            <Tabs value={tab} onChange={(value) => void navigate({ search: { tab: value as AccountTab }, replace: true })} keepMounted={false}>
              <Tabs.List mb="md">
                <Tabs.Tab value="overview">{t('subscribers.overview')}</Tabs.Tab>
                {can('BILL_READ') && <Tabs.Tab value="bills">{t('billing.bills')}</Tabs.Tab>}
                {can('READING_READ') && <Tabs.Tab value="readings">{t('readings.title')}</Tabs.Tab>}
                {can('PAYMENT_READ') && <Tabs.Tab value="payments">{t('payments.title')}</Tabs.Tab>}
              </Tabs.List>
              <Tabs.Panel value="overview"><Overview account={account} refresh={again} /></Tabs.Panel>
              <Tabs.Panel value="bills"><BillsTab account={account} /></Tabs.Panel>
              <Tabs.Panel value="readings"><ReadingsTab account={account} onChange={again} /></Tabs.Panel>
              <Tabs.Panel value="payments"><PaymentsTab account={account} onChange={again} /></Tabs.Panel>
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
  return (
    <>
      <PageHead title={t('subscribers.account', { number: account.number })} lead={account.address}>
        <Chip tone={account.status === 'ACTIVE' ? 'good' : 'plain'}>{t(`enum.AccountStatus.${account.status}`)}</Chip>
        <Chip tone="busy">{t(`enum.Sector.${account.sector}`)}</Chip>
      </PageHead>
      <Paper withBorder p="lg" mb="md">
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
          <Balance value={account.balance} large />
          <Fact label={t('subscribers.holder')}>
            {account.holder?.name ?? '—'}
            {account.holder && can('PERSONAL_DATA_READ') && <PersonalData account={account.id} />}
          </Fact>
          <Fact label={t('subscribers.residents')}>
            {account.residents ? t('subscribers.people', { count: account.residents.residents }) : '—'}
            {account.residents && (
              <Text size="xs" c="dimmed">
                {t('subscribers.residentsSince', { date: format.shortDate(account.residents.from), source: codes.source(account.residents.source) })}
              </Text>
            )}
          </Fact>
          <Fact label={t('subscribers.due')}>
            {account.dueOn ? format.date(account.dueOn) : '—'}
            <Text size="xs" c="dimmed">{t(`enum.ConsumerGroup.${account.consumerGroup}`)}</Text>
          </Fact>
        </SimpleGrid>
      </Paper>
    </>
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
    <Text size="xs" c="dimmed" className="tab" component="div">
      {holder.identification && <div>{t(`enum.PartyKind.${holder.kind}`)} {holder.identification}</div>}
      <div>{[holder.phone, holder.email].filter(Boolean).join(' · ')}</div>
    </Text>
  )
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">{label}</Text>
      <Text component="div" fw={600}>{children}</Text>
    </div>
  )
}

function Overview({ account, refresh }: { account: Account; refresh: () => void }) {
  const t = useT()
  const can = useCan()
  const format = useFormat()
  return (
    <Stack>
      <Paper withBorder>
        <Text fw={600} p="md" pb={0} component="h2" fz="md">{t('subscribers.points')}</Text>
        <DataTable
          caption={t('subscribers.points')} rows={account.points} rowKey={(row) => row.id}
          empty={<Empty title={t('subscribers.noPoints')} />}
          columns={[
            { key: 'kind', head: t('subscribers.supply'), cell: (row) => (
              <Box>
                {row.hot ? t('subscribers.hot') : t('subscribers.cold')}
                <Text size="xs" c="dimmed">
                  {[row.water && t('subscribers.water'), row.sewerage && t('subscribers.sewerage')].filter(Boolean).join(', ')}
                </Text>
              </Box>
            ) },
            { key: 'amenity', head: t('subscribers.amenity'), cell: (row) => t(`enum.Amenity.${row.amenity}`) },
            { key: 'meter', head: t('subscribers.meter'), cell: (row) => row.meter ? (
              <Box>
                <span className="tab">{row.meter.serial}</span>
                <Text size="xs" c="dimmed">{row.meter.model.name}</Text>
              </Box>
            ) : <Chip tone="plain">{t('subscribers.noMeter')}</Chip> },
            { key: 'verified', head: t('subscribers.verifiedUntil'), cell: (row) => row.meter?.verifiedUntil ? format.shortDate(row.meter.verifiedUntil) : '—' },
            { key: 'last', head: t('subscribers.lastReading'), numeric: true, cell: (row) => row.lastReading ? (
              <Box>
                {format.volume(row.lastReading.value)}
                <Text size="xs" c="dimmed">{format.shortDate(row.lastReading.takenOn)}</Text>
              </Box>
            ) : '—' },
            ...(can('METER_WRITE') && account.status === 'ACTIVE'
              ? [{ key: 'acts', head: <span className="unseen">{t('common.acts')}</span>, cell: (row: Account['points'][number]) => <MeterActs point={row} done={refresh} /> }]
              : []),
          ]}
        />
      </Paper>
      {account.openItems && <Paper withBorder>
        <Text fw={600} p="md" pb={0} component="h2" fz="md">{t('ledger.openItems')}</Text>
        <DataTable
          caption={t('ledger.openItems')} rows={account.openItems.nodes} rowKey={(row) => row.id}
          empty={<Empty title={t('ledger.noOpenItems')} />}
          columns={[
            { key: 'origin', head: t('ledger.origin'), cell: (row) => format.period(row.origin) },
            { key: 'service', head: t('billing.service'), cell: (row) => row.service ? t(`enum.Service.${row.service}`) : row.component ? t(`enum.Component.${row.component}`) : t('ledger.advance') },
            { key: 'due', head: t('subscribers.due'), cell: (row) => format.shortDate(row.dueOn) },
            { key: 'amount', head: t('ledger.amount'), numeric: true, cell: (row) => format.money(row.amount) },
            { key: 'settled', head: t('ledger.settled'), numeric: true, cell: (row) => format.money(row.settled) },
            { key: 'rest', head: t('ledger.rest'), numeric: true, cell: (row) => <b>{format.money(row.rest)}</b> },
          ]}
        />
      </Paper>}
      {account.contract && (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t('subscribers.contract', {
              number: account.contract.number, date: format.date(account.contract.signedOn), kind: t(`enum.ContractKind.${account.contract.kind}`),
            })}
          </Text>
        </Group>
      )}
      <Text size="xs" c="dimmed">
        <Link className="row-link" to="/accounts/$number/preview" params={{ number: account.number }}>{t('billing.previewLink')}</Link>
      </Text>
    </Stack>
  )
}
