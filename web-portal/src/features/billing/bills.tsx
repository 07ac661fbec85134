import { Button, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Empty, IconChevron, Problem, Waiting, useFormat, usePages, useTitle } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'
import { Certificates } from '../debt/certificates'
import { Year } from './year'

const query = graphql(`
  query Bills($after: String) {
    me {
      id
      account { id bills(first: 12, after: $after) { nodes { id period charged closing dueOn isFinal } pageInfo { hasNextPage endCursor } } }
    }
  }
`)

export function Bills() {
  const t = useT()
  useTitle(t('nav.bills'))
  const format = useFormat()
  const pages = usePages(query, {}, (data) => data.me.account.bills)
  return (
    <>
      <Title order={1} fz={24} mb="md">{t('nav.bills')}</Title>
      {pages.error && <Problem error={pages.error} retry={pages.refresh} />}
      {!pages.ready && !pages.error && <Waiting lines={6} />}
      {pages.ready && pages.rows.length === 0 && <Empty title={t('billing.none')} />}
      {pages.rows.length > 1 && <Year />}
      <ul className="list">
        {pages.rows.map((bill) => (
          <li key={bill.id}>
            <Link className="tile" to="/bills/$id" params={{ id: bill.id }}>
              <div className="grow">
                <Text fw={600}>{format.period(bill.period)}{bill.isFinal && ` · ${t('billing.final')}`}</Text>
                <Text size="sm" c="dimmed">{t('billing.dueOn', { date: format.shortDate(bill.dueOn) })}</Text>
              </div>
              <Text fw={700} className="tab">{format.money(bill.charged)}</Text>
              <IconChevron />
            </Link>
          </li>
        ))}
      </ul>
      {pages.more.has && <Button mt="md" fullWidth variant="default" loading={pages.more.busy} onClick={pages.more.load}>{t('app.more')}</Button>}
      {pages.ready && <Certificates />}
    </>
  )
}
