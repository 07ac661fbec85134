import { useState } from 'react'
import { Button, Group, Paper, Stack, Text, ThemeIcon } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Empty, IconAlert, IconCheck, DataTable, useFormat } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { Balance } from '../subscribers/balance'
import type { LedgerPeriod } from './cockpit'

const rowsQuery = graphql(`
  query ConditionRows($period: Period!, $sector: Sector!) {
    period(period: $period, sector: $sector) {
      id
      conditions { code accounts(first: 50) { nodes { id number address balance } pageInfo { hasNextPage } } }
    }
  }
`)

/** A figure of a condition: how many, or how much. */
export function useFigure() {
  const format = useFormat()
  return (value: string | null | undefined) => !value ? '' : /^-?\d+$/.test(value) ? format.count(Number(value)) : /^-?\d+\.\d\d$/.test(value) ? format.money(value) : value
}

/** What must hold before the month closes; a broken condition opens into its rows. */
export function Conditions({ month }: { month: LedgerPeriod }) {
  const t = useT()
  const can = useCan()
  const [opened, setOpened] = useState<string | null>(null)
  const figure = useFigure()
  const broken = month.conditions.filter((one) => !one.met).length
  return (
    <Paper withBorder p="lg" component="section" aria-label={t('ledger.conditions')}>
      <Group justify="space-between" mb="sm">
        <Text component="h2" fw={600} fz="md">{t('ledger.conditions')}</Text>
        <Text size="sm" c={broken ? 'var(--bad)' : 'var(--good)'} fw={600}>{broken ? t('ledger.broken', { count: broken }) : t('ledger.allMet')}</Text>
      </Group>
      <Stack gap={4} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {month.conditions.map((one) => (
          <li key={one.code} data-condition={one.code} data-met={one.met}>
            <Group gap="sm" py={4}>
              <Group gap="sm" wrap="nowrap" flex="1 1 260px">
                <ThemeIcon size={24} radius="xl" variant="light" color={one.met ? 'teal' : 'red'}>
                  {one.met ? <IconCheck size={14} strokeWidth={2.6} /> : <IconAlert size={14} />}
                </ThemeIcon>
                <Text size="sm" flex={1}>
                  {one.message}
                  <Text span size="xs" c="dimmed"> · {one.met ? t('ledger.met') : t('ledger.notMet', { expected: figure(one.expected), found: figure(one.found) })}</Text>
                </Text>
              </Group>
              {!one.met && one.code === 'READINGS_DECIDED' && can('READING_READ') && (
                <Link className="row-link" to="/readings" search={{ sector: month.sector }} style={{ fontSize: 14, whiteSpace: 'nowrap' }}>{t('readings.toQueue')}</Link>
              )}
              {!one.met && (
                <Button size="compact-sm" variant="default" aria-expanded={opened === one.code} onClick={() => setOpened(opened === one.code ? null : one.code)}>
                  {opened === one.code ? t('billing.hide') : t('ledger.showRows')}
                </Button>
              )}
            </Group>
            {opened === one.code && <Rows month={month} code={one.code} />}
          </li>
        ))}
      </Stack>
    </Paper>
  )
}

function Rows({ month, code }: { month: LedgerPeriod; code: string }) {
  const t = useT()
  const [result] = useQuery({ query: rowsQuery, variables: { period: month.period, sector: month.sector }, requestPolicy: 'network-only' })
  return (
    <Paper withBorder mb="sm">
      <Answer result={result}>
        {(data) => (
          <DataTable
            caption={t('ledger.showRows')} rowKey={(row) => row.id}
            rows={data.period?.conditions.find((one) => one.code === code)?.accounts.nodes ?? []}
            empty={<Empty title={t('ledger.noRows')} />}
            columns={[
              { key: 'number', head: t('subscribers.number'), cell: (row) => <Link className="row-link tab" to="/accounts/$number" params={{ number: row.number }}>{row.number}</Link> },
              { key: 'address', head: t('subscribers.address'), cell: (row) => row.address },
              { key: 'balance', head: t('subscribers.balance'), numeric: true, cell: (row) => <Balance value={row.balance} /> },
            ]}
          />
        )}
      </Answer>
    </Paper>
  )
}
