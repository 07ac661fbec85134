//! How near a spelling is to what was meant: people type names and streets by ear and in haste.

/// Letters that may be wrong in a word of so many: short words leave no room for doubt.
const fn allowance(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=5 => 1,
        6..=8 => 2,
        _ => 3,
    }
}

/// How many letters the asked words are away from words of a text, each from its nearest; none when one of them is like no word.
/// Both are folded already: one case, one spelling of both languages. A word may be asked for by its beginning.
pub fn nearness(asked: &[impl AsRef<str>], text: &[impl AsRef<str>]) -> Option<usize> {
    let mut sum = 0;
    for word in asked {
        let word: Vec<char> = word.as_ref().chars().collect();
        let nearest = text.iter().map(|of| {
            let of: Vec<char> = of.as_ref().chars().collect();
            let begins = &of[..of.len().min(word.len())];
            edits(&word, &of).min(edits(&word, begins))
        });
        sum += nearest.min().filter(|edits| *edits <= allowance(word.len()))?;
    }
    (!asked.is_empty()).then_some(sum)
}

/// Letters to put in, leave out, replace, or exchange with their neighbour.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn spellings() {
        for_each_row(include_str!("vectors/nearness.txt"), |row| {
            let words = |column: &str| row.text(column).split('_').map(str::to_owned).collect::<Vec<_>>();
            let got = nearness(&words("asked"), &words("text"));
            row.expect("away", got.map_or("-".to_owned(), |edits| edits.to_string()));
        });
        assert_eq!(nearness(&[] as &[&str], &["абаи"]), None);
    }
}
