import { MantineProvider } from '@mantine/core'
import { fireEvent, render, screen } from '@testing-library/react'
import { IntlProvider } from 'react-intl'
import { expect, it } from 'vitest'
import words from '../messages/ru.json'
import { ExplainTree, type Explained } from './explain'

const tree: Explained = {
  kind: 'TOTAL', label: 'Сумма', value: '1148.40', unit: 'TENGE',
  children: [
    { kind: 'VOLUME', label: 'Объём', value: '15.000', unit: 'M3', children: [{ kind: 'RESIDENTS', label: 'Прописано', value: '1', unit: 'PEOPLE', source: 'eGov', children: [] }] },
    { kind: 'PRICE', label: 'Цена', value: '66.00', unit: 'TENGE_PER_M3', source: 'прейскурант', children: [] },
  ],
}

it('opens an amount down to its sources', () => {
  render(
    <MantineProvider><IntlProvider locale="ru" messages={words}><ExplainTree tree={tree} openTo={1} /></IntlProvider></MantineProvider>,
  )
  expect(screen.getByText(/1\s148,40/)).toBeTruthy()
  const volume = screen.getByRole('button', { name: /Объём/ })
  expect(volume.getAttribute('aria-expanded')).toBe('false')
  expect(screen.queryByRole('listitem', { name: /eGov/ })).toBeNull()
  fireEvent.click(volume)
  expect(volume.getAttribute('aria-expanded')).toBe('true')
  expect(screen.getByText(/eGov/).closest('ul')?.hidden).toBe(false)
  expect(screen.getByText('1 человек')).toBeTruthy()
  expect(screen.getByText(/прейскурант/)).toBeTruthy()
})
