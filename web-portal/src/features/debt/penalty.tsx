// Penalty as a sum one can check: month by month, and each month opens into days × overdue × rate.
import { useId, useState } from 'react'
import { Button, Group, Paper, Text, Title } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, useFormat } from '@aiscra/ui'
import { graphql, type PenaltyQuery } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Penalty {
    me {
      id
      account { id debt { penalty { month origin service amount days { from to days overdue baseRate multiplier yearDays } } } }
    }
  }
`)
type One = PenaltyQuery['me']['account']['debt']['penalty'][number]
/** So many months are said at once; years of them are behind a button. */
const lastMonths = 3

export function Penalty() {
  const t = useT()
  const [result, refetch] = useQuery({ query })
  return (
    <Paper withBorder p="md" component="section" aria-label={t('debt.penalty')}>
      <Title order={2} fz="md" mb={6}>{t('debt.penalty')}</Title>
      <Text size="sm" c="dimmed" mb="xs">{t('debt.text')}</Text>
      <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })}>
        {({ me }) => <Months rows={me.account.debt.penalty} />}
      </Answer>
    </Paper>
  )
}

const tiyn = (sum: string) => Math.round(Number(sum) * 100)

function Months({ rows }: { rows: readonly One[] }) {
  const t = useT()
  const [all, setAll] = useState(false)
  const months = [...new Set(rows.map((one) => one.month))].toSorted().toReversed()
  const shown = all ? months : months.slice(0, lastMonths)
  return (
    <>
      {shown.map((month) => <Month key={month} month={month} rows={rows.filter((one) => one.month === month)} />)}
      {months.length > lastMonths && (
        <Button mt={6} size="compact-sm" variant="light" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t('billing.hide') : t('debt.earlier', { count: months.length - lastMonths })}</Button>
      )}
    </>
  )
}

function Month({ month, rows }: { month: string; rows: readonly One[] }) {
  const t = useT()
  const format = useFormat()
  const [open, setOpen] = useState(false)
  const id = useId()
  const sum = (rows.reduce((all, one) => all + tiyn(one.amount), 0) / 100).toFixed(2)
  return (
    <div style={{ paddingBlock: 6 }}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm">
          {t('debt.forDelay', { month: format.period(month) })}{' '}
          <Button size="compact-xs" variant="subtle" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>{open ? t('billing.hide') : t('debt.how')}</Button>
        </Text>
        <Text size="sm" fw={600} className="tab" style={{ whiteSpace: 'nowrap' }}>{format.money(sum)}</Text>
      </Group>
      <div id={id}>
        {open && rows.map((one) => (
          <div key={`${one.origin} ${one.service}`} style={{ paddingBlock: 4 }}>
            <Group justify="space-between" wrap="nowrap" gap="sm">
              <Text size="sm" c="dimmed">{t('debt.of', { origin: format.period(one.origin) })}{one.service && ` · ${t(`enum.Service.${one.service}`)}`}</Text>
              <Text size="sm" c="dimmed" className="tab" style={{ whiteSpace: 'nowrap' }}>{format.money(one.amount)}</Text>
            </Group>
            {one.days.map((days) => (
              <Text key={days.from} size="xs" c="dimmed" className="tab">
                {t('debt.days', { from: format.shortDate(days.from), to: format.shortDate(days.to) })}:{' '}
                {t('debt.formula', { sum: format.money(days.overdue), rate: format.decimal(days.baseRate), times: format.decimal(days.multiplier), year: days.yearDays, days: days.days })}
              </Text>
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}
