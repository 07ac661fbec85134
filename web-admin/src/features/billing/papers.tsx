// The month's bills on paper: thousands as a job, into one file or a file per district.
import { Button, Group, Progress, Text } from '@mantine/core'
import { IconPrint, Refusals, Section, useAct, useFormat } from '@aiscra/ui'
import { graphql, type BillPackaging, type Sector } from '../../gql'
import { useT } from '../../lib/i18n'
import { useMade } from '../platform/made'

const render = graphql(`
  mutation BillsRender($input: BillsRenderInput!) { billsRender(input: $input) { job { id } errors { code field message } } }
`)

export function Papers({ period, sector }: { period: string; sector: Sector }) {
  const t = useT()
  const format = useFormat()
  const act = useAct(render)
  const made = useMade()
  const start = async (packaging: BillPackaging) => {
    const done = await act.run({ period, sector, packaging })
    if (done?.job) await made.watch(done.job.id)
  }
  const busy = act.busy || made.busy
  return (
    <Section title={t('made.papers')}>
      <Group gap="xs">
        <Button variant="default" leftSection={<IconPrint size={16} />} disabled={busy} onClick={() => void start('ONE_FILE')}>{t('made.oneFile')}</Button>
        <Button variant="default" leftSection={<IconPrint size={16} />} disabled={busy} onClick={() => void start('PER_DISTRICT')}>{t('made.perDistrict')}</Button>
      </Group>
      <Refusals errors={act.errors} />
      {made.busy && (
        <div role="status" aria-live="polite" style={{ marginTop: 12 }}>
          <Text size="sm" mb={4}>{t('made.making', { done: format.count(made.done), total: format.count(made.total) })}</Text>
          <Progress value={made.total ? (100 * made.done) / made.total : 100} animated aria-label={t('made.papers')} />
        </div>
      )}
    </Section>
  )
}
