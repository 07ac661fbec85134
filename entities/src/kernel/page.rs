//! Keyset paging: no list without an end, no OFFSET.

/// The most rows one page may ask for.
pub const MAX_PAGE: u64 = 100;
pub const DEFAULT_PAGE: u64 = 20;

/// One page of a list: how many rows, and the key of the row before the first one (in the list's own order).
#[derive(Debug, Clone)]
pub struct Page<K = i64> {
    pub first: u64,
    pub after: Option<K>,
}

impl<K> Page<K> {
    pub fn new(first: Option<i32>, after: Option<K>) -> Self {
        let first = first.map_or(DEFAULT_PAGE, |n| u64::try_from(n).unwrap_or(0)).clamp(1, MAX_PAGE);
        Self { first, after }
    }

    /// LIMIT that tells whether there is a next page.
    pub fn limit(&self) -> i64 {
        self.first as i64 + 1
    }
}

/// The rows of a page and whether more follow.
#[derive(Debug, Clone)]
pub struct Slice<T> {
    pub rows: Vec<T>,
    pub has_next: bool,
}

impl<T> Slice<T> {
    /// From rows fetched with [`Page::limit`].
    pub fn of(mut rows: Vec<T>, first: u64) -> Self {
        let has_next = rows.len() as u64 > first;
        rows.truncate(first as usize);
        Self { rows, has_next }
    }
}

/// Rows of several lists fetched by one statement, each with [`Page::limit`], as one slice per owner.
pub fn of_each<K: Copy + Eq, T>(
    owners: Vec<K>,
    rows: Vec<T>,
    owner: impl Fn(&T) -> K,
    first: u64,
) -> Vec<(K, Slice<T>)> {
    let mut lists: Vec<(K, Vec<T>)> = owners.into_iter().map(|key| (key, Vec::new())).collect();
    for row in rows {
        let key = owner(&row);
        if let Some((_, list)) = lists.iter_mut().find(|(of, _)| *of == key) {
            list.push(row);
        }
    }
    lists.into_iter().map(|(key, list)| (key, Slice::of(list, first))).collect()
}
