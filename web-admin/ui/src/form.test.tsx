import { act as doing, fireEvent, render, screen } from '@testing-library/react'
import { MantineProvider } from '@mantine/core'
import { IntlProvider } from 'react-intl'
import { useState } from 'react'
import { expect, it, vi } from 'vitest'
import ru from '../messages/ru.json'
import type { Act } from './act'
import { FormView, TextField, useForm } from './form'

type Input = { amount: string; name: string | null }
const idle: Act<object, Input> = { run: async () => ({}), busy: false, errors: [], broken: undefined, reset: () => {} }

function Sample({ act, check }: { act: Act<object, Input>; check?: boolean }) {
  const [server, setServer] = useState('Первый')
  const form = useForm({
    act, start: { amount: '', name: server },
    input: (read) => ({ amount: read.decimal('amount', 2), name: read.optional('name') }), done: () => {},
  })
  return (
    <FormView form={form} submit="Сохранить" refresh={() => setServer('Второй')} {...(check ? { check: () => 'Вот что будет' } : {})}>
      <TextField name="amount" label="Сумма" />
      <TextField name="name" label="Имя" />
    </FormView>
  )
}
const show = (act: Act<object, Input>, check = false) =>
  render(<IntlProvider locale="ru" messages={ru}><MantineProvider><Sample act={act} check={check} /></MantineProvider></IntlProvider>)
const press = (name: string) => doing(async () => void fireEvent.click(screen.getByRole('button', { name })))
const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } })

it('sends nothing that cannot be read, and says so at the field', async () => {
  const run = vi.fn(idle.run)
  show({ ...idle, run })
  type('Сумма', '12,345')
  await press('Сохранить')
  expect(screen.getByText('Число, не больше 2 знаков после запятой')).toBeTruthy()
  expect(screen.getByLabelText('Сумма').getAttribute('aria-invalid')).toBe('true')
  expect(run).not.toHaveBeenCalled()
  type('Сумма', '1 200,5')
  type('Имя', '  ')
  await press('Сохранить')
  expect(run).toHaveBeenCalledWith({ amount: '1200.50', name: null })
})

it('puts a refusal of the server beside its field, and others above the buttons', () => {
  show({ ...idle, errors: [{ code: 'A', field: 'amount', message: 'слишком много' }, { code: 'B', field: 'hidden', message: 'месяц закрыт' }] })
  expect(screen.getByLabelText('Сумма').getAttribute('aria-invalid')).toBe('true')
  expect(screen.getByText('слишком много')).toBeTruthy()
  expect(screen.getByRole('alert').textContent).toBe('месяц закрыт')
})

it('puts a refusal of what was chosen beside the field it was chosen in', () => {
  show({ ...idle, errors: [{ code: 'A', field: 'nameId', message: 'такого документа нет' }] })
  expect(screen.getByLabelText('Имя').getAttribute('aria-invalid')).toBe('true')
  expect(screen.queryByRole('alert')).toBeNull()
})

it('asks before it sends', async () => {
  const run = vi.fn(idle.run)
  show({ ...idle, run }, true)
  type('Сумма', '5')
  await press('Сохранить')
  expect(screen.getByText('Вот что будет')).toBeTruthy()
  expect(run).not.toHaveBeenCalled()
  await press('Сохранить')
  expect(run).toHaveBeenCalledTimes(1)
})

it('keeps what was typed when somebody else was quicker, and shows what is there now', async () => {
  show({ ...idle, errors: [{ code: 'CONFLICT', field: 'expectedVersion', message: '' }] })
  type('Имя', 'Моё')
  await press('Обновить данные')
  expect(screen.getByText('Сейчас в системе: Второй')).toBeTruthy()
  expect((screen.getByLabelText('Имя') as HTMLInputElement).value).toBe('Моё')
})
