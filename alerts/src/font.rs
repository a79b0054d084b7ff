//! The faces that picture text is set in: two embedded subsets, never the system's fonts.

use std::sync::{Arc, OnceLock};

use resvg::usvg::fontdb::Database;

/// Family name of both faces; picture text names it explicitly.
pub(crate) const FAMILY: &str = "Noto Sans CJK SC";

const REGULAR: &[u8] = include_bytes!("../fonts/NotoSansCJKsc-Regular.subset.otf");
const BOLD: &[u8] = include_bytes!("../fonts/NotoSansCJKsc-Bold.subset.otf");

/// The embedded faces, loaded once.
pub(crate) fn faces() -> Arc<Database> {
    static FACES: OnceLock<Arc<Database>> = OnceLock::new();
    let load = || {
        let mut faces = Database::new();
        faces.load_font_data(REGULAR.to_vec());
        faces.load_font_data(BOLD.to_vec());
        Arc::new(faces)
    };
    FACES.get_or_init(load).clone()
}
