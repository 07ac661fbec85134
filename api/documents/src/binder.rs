//! Joins PDF files into one, a file at a time: what is written is handed out at once, and only the places of objects are
//! kept. Ten thousand pages need no more memory than a hundred.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object, ObjectId, Writer, dictionary};

const CATALOG: ObjectId = (1, 0);
const PAGES: ObjectId = (2, 0);

/// A file that could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("a file of pages cannot be joined: {0}")]
pub struct BindError(#[from] lopdf::Error);

/// A binding under way. [`Binder::new`] gives the beginning, [`Binder::add`] each part, [`Binder::finish`] the end; written
/// one after the other they are the file.
pub struct Binder {
    written: u64,
    /// Where each object stands; object `n` at `places[n - 1]`.
    places: Vec<u64>,
    /// The root of each part's pages.
    parts: Vec<ObjectId>,
    pages: u64,
}

impl Binder {
    pub fn new() -> (Self, Vec<u8>) {
        let head = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        let binder = Self { written: head.len() as u64, places: vec![0; 2], parts: Vec::new(), pages: 0 };
        (binder, head)
    }

    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// The pages of another file, behind those before. What does not belong to a page is left out: bookmarks, tags, metadata.
    pub fn add(&mut self, pdf: &[u8]) -> Result<Vec<u8>, BindError> {
        let document = Document::load_mem(pdf)?;
        let root = document.catalog()?.get(b"Pages")?.as_reference()?;
        self.pages += document.get_object(root)?.as_dict()?.get(b"Count")?.as_i64()?.unsigned_abs();

        // Everything that the pages reach gets a number behind those given so far.
        let mut numbers: BTreeMap<ObjectId, ObjectId> = BTreeMap::new();
        let mut waiting = vec![root];
        let mut order = Vec::new();
        while let Some(id) = waiting.pop() {
            if numbers.contains_key(&id) {
                continue;
            }
            numbers.insert(id, (self.places.len() as u32 + 1, 0));
            self.places.push(0);
            order.push(id);
            references(document.get_object(id)?, &mut waiting);
        }
        let mut out = Vec::with_capacity(pdf.len());
        for id in order {
            let mut object = document.get_object(id)?.clone();
            renumber(&mut object, &numbers);
            if id == root {
                object.as_dict_mut()?.set("Parent", PAGES);
            }
            self.write(&mut out, numbers[&id], &object);
        }
        self.parts.push(numbers[&root]);
        Ok(out)
    }

    /// The tree over all parts, the catalogue and the table of places.
    pub fn finish(mut self, title: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let kids: Vec<Object> = self.parts.iter().map(|id| Object::from(*id)).collect();
        let pages = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => self.pages as i64 };
        self.write(&mut out, PAGES, &pages.into());
        let catalog =
            dictionary! { "Type" => "Catalog", "Pages" => PAGES, "Lang" => Object::string_literal("kk") };
        self.write(&mut out, CATALOG, &catalog.into());
        let info = (self.places.len() as u32 + 1, 0);
        self.places.push(0);
        self.write(&mut out, info, &dictionary! { "Title" => lopdf::text_string(title) }.into());

        let table = self.written;
        out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", self.places.len() + 1).as_bytes());
        for place in &self.places {
            out.extend(format!("{place:010} 00000 n \n").as_bytes());
        }
        out.extend(b"trailer\n");
        let trailer: Dictionary =
            dictionary! { "Size" => self.places.len() as i64 + 1, "Root" => CATALOG, "Info" => info };
        object(&mut out, &trailer.into());
        out.extend(format!("\nstartxref\n{table}\n%%EOF\n").as_bytes());
        out
    }

    fn write(&mut self, out: &mut Vec<u8>, id: ObjectId, what: &Object) {
        let before = out.len();
        self.places[id.0 as usize - 1] = self.written;
        out.extend(format!("{} 0 obj\n", id.0).as_bytes());
        object(out, what);
        out.extend(b"\nendobj\n");
        self.written += (out.len() - before) as u64;
    }
}

fn object(out: &mut Vec<u8>, what: &Object) {
    Writer::write_object(out, what).expect("memory takes every byte");
}

/// Keys that lead out of the pages: up, or to the tags.
const OUTWARD: [&[u8]; 2] = [b"StructParents", b"StructParent"];

fn references(object: &Object, found: &mut Vec<ObjectId>) {
    match object {
        Object::Reference(id) => found.push(*id),
        Object::Array(items) => items.iter().for_each(|item| references(item, found)),
        Object::Dictionary(fields) => fields.iter().for_each(|(_, value)| references(value, found)),
        Object::Stream(stream) => stream.dict.iter().for_each(|(_, value)| references(value, found)),
        _ => {}
    }
}

fn renumber(object: &mut Object, numbers: &BTreeMap<ObjectId, ObjectId>) {
    match object {
        Object::Reference(id) => *id = numbers[id],
        Object::Array(items) => items.iter_mut().for_each(|item| renumber(item, numbers)),
        Object::Dictionary(fields) => inside(fields, numbers),
        Object::Stream(stream) => inside(&mut stream.dict, numbers),
        _ => {}
    }
}

fn inside(fields: &mut Dictionary, numbers: &BTreeMap<ObjectId, ObjectId>) {
    for key in OUTWARD {
        fields.remove(key);
    }
    fields.iter_mut().for_each(|(_, value)| renumber(value, numbers));
}
