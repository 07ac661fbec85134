// Takes a reading back: until the cut-off of its month at once, afterwards on a document, out of a closed month too.
import { Text } from '@mantine/core'
import { DialogButton, FormView, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'

const withdraw = graphql(`
  mutation ReadingTakeBack($input: ReadingWithdrawInput!) {
    readingWithdraw(input: $input) { reading { id verdict } errors { code field message } }
  }
`)

interface Taken {
  id: string
  value: string
  takenOn: string
  withdrawableUntil?: string | null
}

function TakeBackForm({ reading, close, done }: { reading: Taken; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const late = !reading.withdrawableUntil
  const form = useForm({
    act: useAct(withdraw),
    start: { document: null as Picked | null },
    input: (read) => ({ id: reading.id, documentId: late ? read.picked('document') : null }),
    done: () => finish(t('readings.takenBack')),
  })
  return (
    <FormView form={form} submit={t('readings.takeBack')} cancel={close}>
      <Text size="sm">{t(late ? 'readings.takeBackLate' : 'readings.takeBackInTime')}</Text>
      {late && <DocumentField name="document" required />}
    </FormView>
  )
}

export function TakeBack({ reading, done }: { reading: Taken; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  // Whoever cannot look documents up has none to show after the cut-off.
  if (!reading.withdrawableUntil && !can('DOCUMENT_READ')) return null
  return (
    <DialogButton
      label={t('readings.takeBack')} variant="subtle" buttonSize="compact-xs"
      title={t('readings.takeBackTitle', { value: format.volume(reading.value), day: format.shortDate(reading.takenOn) })}
    >
      {(close) => <TakeBackForm reading={reading} close={close} done={done} />}
    </DialogButton>
  )
}
