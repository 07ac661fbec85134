import { Button, Text, Title } from '@mantine/core'
import { Chip, Empty, Problem, Waiting, useFormat, useLanguage, usePages, useTitle } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT, type Key } from '../../lib/i18n'
import { PayByLink } from './link'

const query = graphql(`
  query Payments($after: String) {
    me {
      id
      account { id payments(first: 24, after: $after) { nodes { id amount paidOn channel reversed through { kk ru en } } pageInfo { hasNextPage endCursor } } }
    }
  }
`)

const words: Record<string, Key> = { cash: 'channel.cash', card: 'channel.card', bank: 'channel.bank', registry: 'channel.registry', online: 'channel.online' }

export function Payments() {
  const t = useT()
  useTitle(t('nav.payments'))
  const format = useFormat()
  const { language } = useLanguage()
  const pages = usePages(query, {}, (data) => data.me.account.payments)
  return (
    <>
      <Title order={1} fz={24} mb="md">{t('nav.payments')}</Title>
      <PayByLink done={pages.refresh} />
      {pages.error && <Problem error={pages.error} retry={pages.refresh} />}
      {!pages.ready && !pages.error && <Waiting lines={6} />}
      {pages.ready && pages.rows.length === 0 && <Empty title={t('payments.none')} />}
      <ul className="list">
        {pages.rows.map((row) => (
          <li key={row.id} className="tile">
            <div className="grow">
              <Text fw={600}>{format.date(row.paidOn)}</Text>
              <Text size="sm" c="dimmed">{row.through?.[language] ?? (words[row.channel] ? t(words[row.channel]!) : row.channel)}</Text>
              {row.reversed && <Chip tone="bad">{t('payments.reversed')}</Chip>}
            </div>
            <Text fw={700} className="tab">{format.money(row.amount)}</Text>
          </li>
        ))}
      </ul>
      {pages.more.has && <Button mt="md" fullWidth variant="default" loading={pages.more.busy} onClick={pages.more.load}>{t('app.more')}</Button>}
    </>
  )
}
