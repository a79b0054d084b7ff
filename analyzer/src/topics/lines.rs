//! The memory under the table of pairs: lines of nought, in large pages where the system has them. Lines are looked at
//! in no order at all, so that with small pages nearly every look costs a walk through the page tables as well.

use memmap2::{Advice, MmapMut};

/// One line of the processor's cache, as whole numbers.
pub(super) type Line = [u32; 16];

/// Lines, one behind the other.
#[derive(Debug)]
pub(super) enum Lines {
    /// Memory of the system's own, untouched until it is used.
    Mapped(MmapMut),
    /// The program's usual memory, where the system gives none of the other kind.
    Usual(Vec<Line>),
}

impl Lines {
    /// So many lines of nought.
    pub(super) fn new(count: usize) -> Lines {
        let Ok(memory) = MmapMut::map_anon(count * size_of::<Line>()) else {
            return Lines::Usual(vec![[0; 16]; count]);
        };
        if let Err(error) = memory.advise(Advice::HugePage) {
            tracing::debug!("no large pages for topics: {error}");
        }
        Lines::Mapped(memory)
    }

    pub(super) fn all(&self) -> &[Line] {
        match self {
            Lines::Mapped(memory) => bytemuck::cast_slice(memory),
            Lines::Usual(lines) => lines,
        }
    }

    pub(super) fn all_mut(&mut self) -> &mut [Line] {
        match self {
            Lines::Mapped(memory) => bytemuck::cast_slice_mut(memory),
            Lines::Usual(lines) => lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_with_nought_and_keep_what_is_written() {
        for mut lines in [Lines::new(1000), Lines::Usual(vec![[0; 16]; 1000])] {
            assert_eq!(lines.all().len(), 1000);
            assert!(lines.all().iter().all(|line| *line == [0; 16]));
            lines.all_mut()[999] = [7; 16];
            assert_eq!((lines.all()[998], lines.all()[999]), ([0; 16], [7; 16]));
        }
    }
}
