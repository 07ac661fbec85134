/** The number of a paper without the sign that the words around it bring. */
export const paperNumber = (number: string): string => number.replace(/^№\s*/, '')
