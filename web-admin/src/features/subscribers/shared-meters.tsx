// Meters that an account pays for together with others: whose part is how large, and where the meter is read.
import { Suspense, lazy } from 'react'
import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Chip, DataTable, DialogButton, Section, Waiting, useFormat } from '@aiscra/ui'
import { graphql, type SharedMetersQuery } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import type { Account } from './account'

// Fetched when one is opened.
const SharingForm = lazy(() => import('../consumption/sharing').then((module) => ({ default: module.SharingForm })))
const SharingEndForm = lazy(() => import('../consumption/sharing').then((module) => ({ default: module.SharingEndForm })))

const query = graphql(`
  query SharedMeters($number: String!) {
    account(number: $number) {
      id
      sharedMeters { meterPointId byResidents from to parts { accountNumber pointId weight own } }
    }
  }
`)

export type SharedMeter = NonNullable<SharedMetersQuery['account']>['sharedMeters'][number]

/** Nothing where all meters are the account's own, and nobody may share one. */
export function SharedMeters({ account, refresh }: { account: Account; refresh: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [result, refetch] = useQuery({ query, variables: { number: account.number } })
  const meters = result.data?.account?.sharedMeters ?? []
  const done = () => {
    refetch({ requestPolicy: 'network-only' })
    refresh()
  }
  const writes = can('ACCOUNT_WRITE') && account.status === 'ACTIVE'
  return meters.map((meter) => (
    <Section
      key={meter.meterPointId} flush title={t('sharing.title')}
      side={writes && (
        <>
          <DialogButton label={t('common.change')} title={t('sharing.title')} size="xl" buttonSize="xs">
            {(close) => <Suspense fallback={<Waiting />}><SharingForm account={account} meter={meter} close={close} done={done} /></Suspense>}
          </DialogButton>
          <DialogButton label={t('sharing.end')} buttonSize="xs">{(close) => <Suspense fallback={<Waiting />}><SharingEndForm meter={meter} close={close} done={done} /></Suspense>}</DialogButton>
        </>
      )}
    >
      <DataTable
        caption={t('sharing.title')} rows={meter.parts} rowKey={(row) => row.pointId} empty={null}
        columns={[
          {
            key: 'account', head: t('sharing.account'),
            cell: (row) => row.own
              ? <b className="tab">{row.accountNumber}</b>
              : <Link className="row-link tab" to="/accounts/$number" params={{ number: row.accountNumber }}>{row.accountNumber}</Link>,
          },
          { key: 'weight', head: meter.byResidents ? t('sharing.residents') : t('sharing.parts'), numeric: true, cell: (row) => format.count(row.weight) },
          { key: 'read', head: '', cell: (row) => row.pointId === meter.meterPointId ? <Chip tone="plain">{t('sharing.readHere')}</Chip> : null },
        ]}
      />
      <Text size="xs" c="dimmed" px="md" pb="sm">
        {meter.to ? t('sharing.between', { from: format.shortDate(meter.from), to: format.shortDate(meter.to) }) : t('sharing.since', { date: format.shortDate(meter.from) })}
      </Text>
    </Section>
  ))
}

/** Beside the meters of an account: one of them becomes a shared one. */
export function ShareMeter({ account, refresh }: { account: Account; refresh: () => void }) {
  const t = useT()
  const [result, again] = useQuery({ query, variables: { number: account.number } })
  const meters = result.data?.account?.sharedMeters ?? []
  const own = account.points.filter((point) => point.meter && !meters.some((one) => one.meterPointId === point.id))
  if (!result.data || own.length === 0) return null
  return (
    <DialogButton label={t('sharing.share')} title={t('sharing.title')} size="xl" buttonSize="xs">
      {(close) => <Suspense fallback={<Waiting />}><SharingForm account={account} meters={own} close={close} done={() => { again({ requestPolicy: 'network-only' }); refresh() }} /></Suspense>}
    </DialogButton>
  )
}
