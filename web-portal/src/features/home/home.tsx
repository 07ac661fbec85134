import { useState } from 'react'
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, IconBill, IconCheck, IconChevron, IconMeter, sign, unsigned, useFormat, useTitle } from '@aiscra/ui'
import { graphql, type HomeQuery } from '../../gql'
import { useT } from '../../lib/i18n'
import { Penalty } from '../debt/penalty'
import { Warning } from '../debt/warning'

const query = graphql(`
  query Home {
    businessDate
    me {
      id
      account {
        id number address balance dueOn
        residents { id residents }
        bills(first: 1) { nodes { id period charged closing dueOn } }
        openItems(first: 100) { nodes { id service component origin rest } pageInfo { hasNextPage } }
        points { id hot meter { id serial verifiedUntil } lastReading { id value takenOn verdict } }
      }
    }
  }
`)

type Account = HomeQuery['me']['account']

export function Home() {
  const t = useT()
  useTitle(t('nav.home'))
  const format = useFormat()
  const [result, refetch] = useQuery({ query })
  return (
    <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={6}>
      {({ me: { account }, businessDate }) => {
        const side = sign(account.balance)
        const bill = account.bills.nodes[0]
        const late = side > 0 && account.dueOn != null && account.dueOn < businessDate
        return (
          <Stack>
            <section className="hero" aria-labelledby="owed">
              <Title order={1} id="owed" fz="md" fw={500}>
                {side > 0 ? t('home.owed') : side < 0 ? t('home.overpaid') : t('home.settled')}
              </Title>
              <div className="hero-sum" data-testid="balance">{format.money(unsigned(account.balance))}</div>
              {side > 0 && account.dueOn && (
                <div>{late ? t('home.late', { date: format.date(account.dueOn) }) : t('home.due', { date: format.date(account.dueOn) })}</div>
              )}
              <div style={{ marginTop: 12, fontSize: 14 }}>
                {t('home.account', { number: account.number })}<br />{account.address}
                {account.residents && <><br />{t('home.residents', { count: account.residents.residents })}</>}
              </div>
            </section>
            {late && <Warning />}
            {side > 0 && <Why account={account} />}
            {account.openItems.nodes.some((item) => item.component === 'PENALTY' && sign(item.rest) > 0) && <Penalty />}
            {bill ? (
              <Link className="tile" to="/bills/$id" params={{ id: bill.id }}>
                <IconBill size={24} />
                <div className="grow">
                  <Text fw={600}>{t('billing.billFor', { period: format.period(bill.period) })}</Text>
                  <Text size="sm" c="dimmed">{t('home.charged', { sum: format.money(bill.charged) })}</Text>
                </div>
                <IconChevron />
              </Link>
            ) : <Text c="dimmed">{t('billing.none')}</Text>}
            <Title order={2} fz="lg">{t('home.meters')}</Title>
            <ul className="list">
              {account.points.filter((point) => point.meter).map((point) => <Meter key={point.id} point={point} today={businessDate} />)}
            </ul>
            {account.points.every((point) => !point.meter) && <Text c="dimmed">{t('readings.noMeters')}</Text>}
          </Stack>
        )
      }}
    </Answer>
  )
}

const tiyn = (sum: string) => Math.round(Number(sum) * 100)
const add = (items: Account['openItems']['nodes']) => (items.reduce((sum, item) => sum + tiyn(item.rest), 0) / 100).toFixed(2)
const lastMonths = 3

/** What the sum is made of: the months not paid yet, the latest first; one month alone opens into its services. */
function Why({ account }: { account: Account }) {
  const t = useT()
  const format = useFormat()
  const [all, setAll] = useState(false)
  const owed = account.openItems.nodes.filter((item) => sign(item.rest) > 0)
  const months = [...new Set(owed.map((item) => item.origin))].toSorted().toReversed()
  if (months.length === 0) return null
  const of = (wanted: readonly string[]) => owed.filter((item) => wanted.includes(item.origin))
  const older = months.slice(lastMonths)
  const penalty = add(owed.filter((item) => item.component === 'PENALTY'))
  const folded = !all && older.length > 1
  const rows: [string, string][] = months.length === 1
    ? owed.map((item) => [item.component === 'PENALTY' ? t('home.penaltyOf', { service: item.service ? t(`enum.Service.${item.service}`) : t('home.other') }) : item.service ? t(`enum.Service.${item.service}`) : t('home.other'), item.rest])
    : (folded ? months.slice(0, lastMonths) : months).map((month) => [t('home.forMonth', { period: format.period(month) }), add(of([month]))])
  if (folded) rows.push([t('home.older', { count: older.length, period: format.period(older.at(-1)!) }), add(of(older))])
  return (
    <Paper withBorder p="md" component="section" aria-label={t('home.why')}>
      <Title order={2} fz="md" mb={6}>{t('home.why')}</Title>
      {rows.map(([label, sum]) => (
        <Group key={label} justify="space-between" wrap="nowrap" gap="sm" py={2}>
          <Text size="sm">{label}</Text>
          <Text size="sm" fw={600} className="tab" style={{ whiteSpace: 'nowrap' }}>{format.money(sum)}</Text>
        </Group>
      ))}
      {months.length > 1 && sign(penalty) > 0 && !account.openItems.pageInfo.hasNextPage && <Text size="sm" c="dimmed" mt={4}>{t('home.penaltyInside', { sum: format.money(penalty) })}</Text>}
      {older.length > 1 && (
        <Button mt={6} size="compact-sm" variant="light" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t('billing.hide') : t('home.allMonths')}</Button>
      )}
      {account.openItems.pageInfo.hasNextPage && <Text size="sm" c="dimmed">{t('home.andMore')}</Text>}
    </Paper>
  )
}

function Meter({ point, today }: { point: Account['points'][number]; today: string }) {
  const t = useT()
  const format = useFormat()
  const last = point.lastReading
  const sent = last?.takenOn.slice(0, 7) === today.slice(0, 7)
  const expired = point.meter!.verifiedUntil != null && point.meter!.verifiedUntil < today
  return (
    <li className="tile">
      <IconMeter size={24} />
      <div className="grow">
        <Text fw={600}>{point.hot ? t('readings.hot') : t('readings.cold')}</Text>
        <Text size="sm" c="dimmed" className="tab">{t('home.serial', { serial: point.meter!.serial })}</Text>
        <Text size="sm">
          {last ? t('home.last', { value: format.volume(last.value), date: format.shortDate(last.takenOn) }) : t('home.noReading')}
        </Text>
        {point.meter!.verifiedUntil && (
          expired
            ? <Chip tone="bad">{t('home.expired', { date: format.shortDate(point.meter!.verifiedUntil) })}</Chip>
            : <Text size="xs" c="dimmed">{t('home.verified', { date: format.shortDate(point.meter!.verifiedUntil) })}</Text>
        )}
      </div>
      <Stack gap={6} align="flex-end">
        {sent && <Chip tone="good"><Group gap={4} wrap="nowrap" component="span"><IconCheck size={12} strokeWidth={3} />{t('home.sent')}</Group></Chip>}
        <Button component={Link} to="/readings" size="xs" variant={sent ? 'default' : 'filled'} aria-label={`${t('readings.send')}: ${point.hot ? t('readings.hot') : t('readings.cold')}`}>
          {t('readings.send')}
        </Button>
      </Stack>
    </li>
  )
}
