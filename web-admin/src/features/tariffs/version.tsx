// A version of a tariff of any kind, in words: what it is about, its value, its days, who answers for it.
import { Stack, Text } from '@mantine/core'
import { Chip, useFormat } from '@aiscra/ui'
import type { TariffProposalsQuery } from '../../gql'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'

export type Proposal = TariffProposalsQuery['tariffProposals']['nodes'][number]
export type Version = Proposal['version']

export function useVersion() {
  const t = useT()
  const format = useFormat()
  return {
    /** Price: water, population. */
    name: (one: Version): string => {
      switch (one.kind) {
        case 'Price': return `${t('tariffs.net')}: ${t(`enum.Service.${one.service}`)}, ${t(`enum.ConsumerGroup.${one.consumerGroup}`)}`
        case 'Norm': return `${t('tariffs.perPerson')}: ${t(`enum.Amenity.${one.amenity}`)}, ${t(`enum.Service.${one.service}`)}`
        case 'VatRate': return t('tariffs.vat')
        default: return t('tariffs.bands')
      }
    },
    value: (one: Version): string => {
      switch (one.kind) {
        case 'Price': return format.price(one.net)
        case 'Norm': return format.volume(one.volume)
        case 'VatRate': return format.percent(one.rate)
        default: return one.suspended ? t('tariffs.isSuspended') : one.bands.map((band) => `${band.upto ? t('tariffs.upto', { volume: format.volume(band.upto) }) : t('tariffs.above')} × ${format.decimal(band.coefficient)}`).join(' · ')
      }
    },
  }
}

export function Days({ of }: { of: { from: string; to?: string | null } }) {
  const t = useT()
  const format = useFormat()
  const words = of.to ? t('common.fromTo', { from: format.shortDate(of.from), to: format.shortDate(of.to) }) : t('common.from', { from: format.shortDate(of.from) })
  // A date is not torn from its preposition where the column is narrow.
  return <span className="tab">{words.replace(/ (?=\d)/g, '\u00A0')}</span>
}

/** Who proposed a version and who confirmed it; a value of the demo was confirmed by nobody, a published one came with the program. */
export function People({ by, confirmed, declined, demo, waits }: { by: string; confirmed?: string | null | undefined; declined?: string | null | undefined; demo: boolean; waits?: boolean | undefined }) {
  const t = useT()
  const { actor } = useCodes()
  return (
    <Stack gap={2} align="flex-start">
      {waits ? <Chip tone="warn">{t('tariffs.waits')}</Chip>
        : declined === by ? <Chip tone="plain">{t('tariffs.takenBack')}</Chip>
        : declined ? <Chip tone="plain">{t('tariffs.declinedBy', { who: actor(declined) })}</Chip>
        : demo ? <Chip tone="plain">{t('tariffs.confirmedByNobody')}</Chip>
        : confirmed ? <Chip tone="good">{t('tariffs.confirmedBy', { who: actor(confirmed) })}</Chip>
        : <Chip tone="plain">{t('tariffs.reference')}</Chip>}
      <Text size="xs" c="dimmed">{waits || declined || (confirmed && !demo) ? t('tariffs.proposedBy', { who: actor(by) }) : actor(by)}</Text>
    </Stack>
  )
}
