import { useState } from 'react'
import { Alert, Button, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Empty, PagedTable, useFormat, usePages } from '@aiscra/ui'
import { graphql, type Sector } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query NewerFacts($period: Period!, $sector: Sector!, $after: String) {
    period(period: $period, sector: $sector) {
      id
      run { id newer(first: 50, after: $after) { nodes { kind at account { id number address } } pageInfo { hasNextPage endCursor } } }
    }
  }
`)

/** What changed after the run had looked: its bills would be wrong, so they are not issued. */
export function NewerFacts({ period, sector, count }: { period: string; sector: Sector; count: number }) {
  const t = useT()
  const [opened, setOpened] = useState(false)
  return (
    <Alert color="orange" role="alert" title={t('billing.newer', { count })}>
      <Stack gap="xs">
        <Text size="sm">{t('billing.newerText')}</Text>
        <Button size="compact-sm" variant="default" style={{ alignSelf: 'flex-start' }} aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {opened ? t('billing.hide') : t('ledger.showRows')}
        </Button>
        {opened && <Rows period={period} sector={sector} />}
      </Stack>
    </Alert>
  )
}

function Rows({ period, sector }: { period: string; sector: Sector }) {
  const t = useT()
  const format = useFormat()
  const pages = usePages(query, { period, sector }, (data) => data.period?.run?.newer)
  return (
    <PagedTable
      caption={t('ledger.showRows')} pages={pages} rowKey={(row) => `${row.account?.id ?? ''}${row.kind}`} empty={<Empty title={t('ledger.noRows')} />}
      columns={[
        {
          key: 'account', head: t('subscribers.number'),
          cell: (row) => row.account
            ? <Link className="row-link tab" to="/accounts/$number" params={{ number: row.account.number }}>{row.account.number}</Link>
            : t('billing.newerAll'),
        },
        { key: 'address', head: t('subscribers.address'), cell: (row) => row.account?.address ?? '' },
        { key: 'kind', head: t('billing.newerKind'), cell: (row) => (row.kind ? t(`enum.NewerFactKind.${row.kind}`) : '') },
        { key: 'at', head: t('billing.newerAt'), cell: (row) => (row.at ? format.dateTime(row.at) : '') },
      ]}
    />
  )
}
