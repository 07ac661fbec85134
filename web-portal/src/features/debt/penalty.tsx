// Penalty as a sum one can check: days × overdue × rate, month by month.
import { Group, Paper, Text, Title } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, useFormat } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Penalty {
    me {
      id
      account { id debt { penalty { month origin service amount days { from to days overdue baseRate multiplier yearDays } } } }
    }
  }
`)

export function Penalty() {
  const t = useT()
  const format = useFormat()
  const [result, refetch] = useQuery({ query })
  return (
    <Paper withBorder p="md" component="section" aria-label={t('debt.penalty')}>
      <Title order={2} fz="md" mb={6}>{t('debt.penalty')}</Title>
      <Text size="sm" c="dimmed" mb="xs">{t('debt.text')}</Text>
      <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })}>
        {({ me }) => (
          <>
            {me.account.debt.penalty.map((one) => (
              <div key={`${one.month} ${one.origin} ${one.service}`} style={{ paddingBlock: 6 }}>
                <Group justify="space-between" wrap="nowrap" gap="sm">
                  <Text size="sm">{t('debt.of', { month: format.period(one.month), origin: format.period(one.origin) })}{one.service && ` · ${t(`enum.Service.${one.service}`)}`}</Text>
                  <Text size="sm" fw={600} className="tab" style={{ whiteSpace: 'nowrap' }}>{format.money(one.amount)}</Text>
                </Group>
                {one.days.map((days) => (
                  <Text key={days.from} size="xs" c="dimmed" className="tab">
                    {t('debt.days', { from: format.shortDate(days.from), to: format.shortDate(days.to) })}:{' '}
                    {t('debt.formula', { sum: format.money(days.overdue), rate: format.decimal(days.baseRate), times: format.decimal(days.multiplier), year: days.yearDays, days: days.days })}
                  </Text>
                ))}
              </div>
            ))}
          </>
        )}
      </Answer>
    </Paper>
  )
}
