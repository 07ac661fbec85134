// What the contract of a legal entity lets it use, and what of that the issued bills used: how much is left is seen before the year ends.
import { SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { Chart, Chip, Figures, Section, useFormat } from '@aiscra/ui'
import { graphql, type LimitUseQuery } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query LimitUse($number: String!) {
    account(number: $number) {
      id
      limitUse { service premiseId pointId monthly yearly used above months { period volume above } }
    }
  }
`)

type Use = NonNullable<LimitUseQuery['account']>['limitUse'][number]

const within = (volume: string, above: string) => (Number(volume) - Number(above)).toFixed(3)

/** Nothing where the contract has no limits. */
export function Limits({ number }: { number: string }) {
  const t = useT()
  const [result] = useQuery({ query, variables: { number } })
  const uses = result.data?.account?.limitUse ?? []
  if (uses.length === 0) return null
  // Limits of one kind are told apart by their place in the contract.
  const place = (use: Use, at: number) => {
    const alike = uses.filter((one) => Boolean(one.pointId) === Boolean(use.pointId) && Boolean(one.premiseId) === Boolean(use.premiseId) && one.service === use.service)
    const n = alike.indexOf(uses[at]!) + 1
    return use.pointId ? t('limits.ofPoint', { n }) : use.premiseId ? t('limits.ofObject', { n }) : t('limits.ofContract')
  }
  return (
    <Section title={t('limits.title')}>
      <Stack gap="lg">{uses.map((use, at) => <Limit key={`${use.service}-${use.pointId}-${use.premiseId}`} use={use} place={place(use, at)} />)}</Stack>
    </Section>
  )
}

function Limit({ use, place }: { use: Use; place: string }) {
  const t = useT()
  const format = useFormat()
  const name = `${t(`enum.Service.${use.service}`)}, ${place}`
  const volume = (value: string) => format.volume(value)
  const left = use.yearly ? Math.max(0, Number(use.yearly) - Number(use.used)).toFixed(3) : null
  return (
    <div>
      <Text fw={600} mb={6}>{name} {Number(use.above) > 0 && <Chip tone="warn">{t('limits.exceeded', { volume: volume(use.above) })}</Chip>}</Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} mb="sm">
        <Figures rows={[{ label: t('limits.monthly'), value: use.monthly ? volume(use.monthly) : '—' }]} />
        <Figures rows={[{ label: t('limits.yearly'), value: use.yearly ? volume(use.yearly) : '—' }]} />
        <Figures rows={[{ label: t('limits.used'), value: volume(use.used) }]} />
        <Figures rows={[{ label: t('limits.left'), value: left === null ? '—' : volume(left) }]} />
      </SimpleGrid>
      {use.months.length > 0 && (
        <Chart
          title={name} corner={t('common.period')} height={180} stacked
          labels={use.months.map((one) => format.shortMonth(one.period))} full={use.months.map((one) => format.period(one.period))}
          series={[
            { name: t('limits.within'), values: use.months.map((one) => within(one.volume, one.above)), format: volume },
            { name: t('limits.above'), values: use.months.map((one) => one.above), format: volume },
          ]}
        />
      )}
    </div>
  )
}
