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
      <div className="sum-box">
        <Text size="xs" c="dimmed">{words}</Text>
        <Text fz={26} fw={700} className="tab big-sum" c={side > 0 ? 'var(--bad)' : side < 0 ? 'var(--good)' : undefined} data-testid="balance">
          {format.money(unsigned(value))}
        </Text>
      </div>
    )
  }
  return (
    <Text span size="sm" fw={600} className="tab" c={side > 0 ? 'var(--bad)' : side < 0 ? 'var(--good)' : undefined}>
      <Text span size="xs" fw={400} c="dimmed">{words} </Text>{format.money(unsigned(value))}
    </Text>
  )
}
