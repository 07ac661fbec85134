import { Text } from '@mantine/core'
import { sign, unsigned, useFormat } from '@aiscra/ui'
import { useT } from '../../lib/i18n'

/** A balance in words and figures: debt and advance never differ by colour alone. */
export function Balance({ value, large }: { value: string; large?: boolean }) {
  const t = useT()
  const format = useFormat()
  const side = sign(value)
  const words = side > 0 ? t('subscribers.debt') : side < 0 ? t('subscribers.advance') : t('subscribers.settled')
  if (large) {
    return (
      <div>
        <Text size="xs" c="gray.7">{words}</Text>
        <Text fz={26} fw={700} className="tab" c={side > 0 ? 'red.9' : side < 0 ? 'teal.9' : undefined} data-testid="balance">
          {format.money(unsigned(value))}
        </Text>
      </div>
    )
  }
  return (
    <Text span size="sm" fw={600} className="tab" c={side > 0 ? 'red.9' : side < 0 ? 'teal.9' : undefined}>
      <Text span size="xs" fw={400} c="gray.7">{words} </Text>{format.money(unsigned(value))}
    </Text>
  )
}
