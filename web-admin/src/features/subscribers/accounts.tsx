import { useState } from 'react'
import { Checkbox, Group, NativeSelect, Paper, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { Link, getRouteApi } from '@tanstack/react-router'
import { Chip, PagedTable, Empty, IconSearch, PageHead, sign, useFormat, usePages } from '@aiscra/ui'
import { graphql, type AccountSort, type AccountStatus, type Sector } from '../../gql'
import { useCan } from '../../lib/can'
import { useDistricts } from '../../lib/districts'
import { useT } from '../../lib/i18n'
import { useExport } from '../platform/made'
import { OpenAccount } from './acts'
import { Balance } from './balance'

const query = graphql(`
  query Accounts($search: String, $sector: Sector, $district: ID, $status: AccountStatus, $debtors: Boolean, $credit: Boolean, $staff: Boolean, $sort: AccountSort, $after: String) {
    accounts(search: $search, sector: $sector, district: $district, status: $status, debtorsOnly: $debtors, creditOnly: $credit, staffOnly: $staff, sort: $sort, first: 50, after: $after) {
      nodes { id number sector status address balance holder { id name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const route = getRouteApi('/accounts')
const sectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']
const statuses: AccountStatus[] = ['ACTIVE', 'CLOSED']
const sorts: AccountSort[] = ['NUMBER', 'NEWEST']

export function Accounts() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const districts = useDistricts()
  // The address holds the filters; what is being typed is written to it once typing pauses.
  const [typing, setTyping] = useState<string | null>(null)
  const settle = useDebouncedCallback((words: string) => {
    setTyping(null)
    void navigate({ search: (now) => ({ ...now, search: words.trim() || undefined }), replace: true })
  }, 300)
  const set = (change: Partial<typeof filters>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })

  const { search, sector, district, status, sort, debtors, credit, staff } = filters
  const pages = usePages(
    query,
    { search: search ?? null, sector: sector ?? null, district: district ?? null, status: status ?? null, debtors: debtors ?? null, credit: credit ?? null, staff: staff ?? null, sort: sort ?? null },
    (data) => data.accounts,
  )

  const exporting = useExport({
    accounts: { search: search ?? null, sector: sector ?? null, district: district ?? null, status: status ?? null, debtorsOnly: debtors ?? null, creditOnly: credit ?? null, staffOnly: staff ?? null },
  })

  return (
    <>
      <PageHead title={t('nav.accounts')} lead={t('subscribers.lead')}>{can('ACCOUNT_WRITE') && <OpenAccount />}</PageHead>
      <Paper withBorder>
        <Group p="md" gap="sm" align="flex-end">
          <TextInput
            flex="1 1 240px" label={t('subscribers.searchLabel')} type="search" placeholder={t('app.searchHint')}
            leftSection={<IconSearch size={16} />} value={typing ?? filters.search ?? ''}
            onChange={(event) => {
              setTyping(event.currentTarget.value)
              settle(event.currentTarget.value)
            }}
          />
          <NativeSelect
            label={t('common.sector')} value={sector ?? ''}
            onChange={(event) => set({ sector: (event.currentTarget.value || undefined) as Sector | undefined })}
            data={[{ value: '', label: t('common.all') }, ...sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))]}
          />
          <NativeSelect
            label={t('subscribers.district')} value={district ?? ''}
            onChange={(event) => set({ district: event.currentTarget.value || undefined })}
            data={[{ value: '', label: t('common.all') }, ...districts]}
          />
          <NativeSelect
            label={t('common.state')} value={status ?? ''}
            onChange={(event) => set({ status: (event.currentTarget.value || undefined) as AccountStatus | undefined })}
            data={[{ value: '', label: t('common.all') }, ...statuses.map((value) => ({ value, label: t(`enum.AccountStatus.${value}`) }))]}
          />
          <NativeSelect
            label={t('subscribers.sort')} value={sort ?? 'NUMBER'}
            onChange={(event) => set({ sort: event.currentTarget.value as AccountSort })}
            data={sorts.map((value) => ({ value, label: t(`enum.AccountSort.${value}`) }))}
          />
          <Checkbox
            mb={8} label={t('subscribers.debtorsOnly')} checked={debtors ?? false}
            onChange={(event) => set({ debtors: event.currentTarget.checked || undefined })}
          />
          <Checkbox
            mb={8} label={t('subscribers.creditOnly')} checked={credit ?? false}
            onChange={(event) => set({ credit: event.currentTarget.checked || undefined })}
          />
          <Checkbox
            mb={8} label={t('subscribers.staffOnly')} checked={staff ?? false}
            onChange={(event) => set({ staff: event.currentTarget.checked || undefined })}
          />
        </Group>
        <PagedTable
          caption={t('nav.accounts')} remember="accounts" exporting={can('JOB_READ') ? exporting : undefined} pages={pages} lines={8} rowKey={(row) => row.id}
          empty={<Empty title={t('subscribers.none')}>{t('subscribers.noneText')}</Empty>}
          columns={[
            {
              key: 'number', head: t('subscribers.number'), fixed: true,
              cell: (row) => <Link className="row-link tab" to="/accounts/$number" params={{ number: row.number }}>{row.number}</Link>,
            },
            { key: 'holder', head: t('subscribers.holder'), cell: (row) => row.holder?.name ?? '—' },
            { key: 'address', head: t('subscribers.address'), cell: (row) => row.address },
            { key: 'sector', head: t('common.sector'), cell: (row) => <Text size="sm">{t(`enum.Sector.${row.sector}`)}</Text> },
            {
              key: 'status', head: t('common.state'),
              cell: (row) => <Chip tone={row.status === 'ACTIVE' ? 'good' : 'plain'}>{t(`enum.AccountStatus.${row.status}`)}</Chip>,
            },
            {
              key: 'balance', head: t('subscribers.balance'), numeric: true,
              cell: (row) => sign(row.balance) === 0 ? format.money(row.balance) : <Balance value={row.balance} />,
            },
          ]}
        />
      </Paper>
    </>
  )
}
