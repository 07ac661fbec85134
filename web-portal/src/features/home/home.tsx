import { Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, IconBill, IconChevron, IconMeter, sign, unsigned, useFormat, useTitle } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Home {
    me {
      id
      account {
        id number address balance dueOn
        residents { id residents }
        bills(first: 1) { nodes { id period charged closing dueOn } }
        points { id hot meter { id serial verifiedUntil } lastReading { id value takenOn verdict } }
      }
    }
  }
`)

export function Home() {
  const t = useT()
  useTitle(t('nav.home'))
  const format = useFormat()
  const [result, refetch] = useQuery({ query })
  return (
    <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={6}>
      {({ me: { account } }) => {
        const side = sign(account.balance)
        const bill = account.bills.nodes[0]
        return (
          <Stack>
            <section className="hero" aria-labelledby="owed">
              <Title order={1} id="owed" fz="md" fw={500}>
                {side > 0 ? t('home.owed') : side < 0 ? t('home.overpaid') : t('home.settled')}
              </Title>
              <div className="hero-sum" data-testid="balance">{format.money(unsigned(account.balance))}</div>
              {side > 0 && account.dueOn && <div>{t('home.due', { date: format.date(account.dueOn) })}</div>}
              <div style={{ marginTop: 12, fontSize: 14 }}>
                {t('home.account', { number: account.number })}<br />{account.address}
                {account.residents && <><br />{t('home.residents', { count: account.residents.residents })}</>}
              </div>
            </section>
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
              {account.points.filter((point) => point.meter).map((point) => (
                <li key={point.id}>
                  <Link className="tile" to="/readings">
                    <IconMeter size={24} />
                    <div className="grow">
                      <Text fw={600}>{point.hot ? t('readings.hot') : t('readings.cold')}</Text>
                      <Text size="sm" className="tab">{point.meter!.serial}</Text>
                      <Text size="sm" c="dimmed">
                        {point.lastReading
                          ? t('home.last', { value: format.volume(point.lastReading.value), date: format.shortDate(point.lastReading.takenOn) })
                          : t('home.noReading')}
                      </Text>
                      {point.meter!.verifiedUntil && <Text size="xs" c="dimmed">{t('home.verified', { date: format.shortDate(point.meter!.verifiedUntil) })}</Text>}
                    </div>
                    <Text size="sm" fw={600} c="var(--link)">{t('readings.send')}</Text>
                  </Link>
                </li>
              ))}
            </ul>
            {account.points.every((point) => !point.meter) && <Text c="dimmed">{t('readings.noMeters')}</Text>}
          </Stack>
        )
      }}
    </Answer>
  )
}
