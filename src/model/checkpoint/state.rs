//! The tensors of a saved object.
//!
//! A whole module is read as the state dict that it would give. Tensors among its other attributes
//! (the original keeps its last attention there) are listed by name and never used.

use super::error::{Problem, shorten};
use super::pickle::{Id, Pickle, Value};
use super::reference::Reference;
use super::tensor::{Element, Storage, StoredTensor};
use super::{Contents, Format};
use crate::model::metadata::Metadata;
use std::collections::{BTreeMap, HashSet};

/// How deep tensors may be nested, and how many places are looked at in all.
const MAX_DEPTH: usize = 64;
const MAX_PLACES: usize = 200_000;
const MAX_NAME_BYTES: usize = 1024;

/// A tensor of the pickle, before its storage has been looked up.
struct Found<'a> {
    name: String,
    in_state: bool,
    /// `None` for kinds of tensors that are not read.
    view: Option<View<'a>>,
    kind: &'a str,
}

struct View<'a> {
    reference: Reference<'a>,
    first: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

/// Looks for tensors in the value that was saved.
pub(super) struct Walk<'p, 'a> {
    pickle: &'p Pickle<'a>,
    format: Format,
    found: Vec<Found<'a>>,
    places: usize,
    /// Values on the way from the root, so that cycles end.
    path: Vec<Id>,
    /// Attributes that have been looked into.
    attributes: HashSet<Id>,
}

impl<'p, 'a> Walk<'p, 'a> {
    pub(super) fn new(pickle: &'p Pickle<'a>, format: Format) -> Self {
        Self {
            pickle,
            format,
            found: Vec::new(),
            places: 0,
            path: Vec::new(),
            attributes: HashSet::new(),
        }
    }

    /// Looks into a value called `name`. `in_state` says whether a state dict would hold it.
    pub(super) fn value(
        &mut self,
        id: Id,
        name: &mut String,
        in_state: bool,
        depth: usize,
    ) -> Result<(), Problem> {
        let pickle = self.pickle;
        let width = match pickle.value(id) {
            Value::Dict(entries) => entries.len(),
            Value::List(items) | Value::Tuple(items) => items.len(),
            Value::Object(object) => object.entries.len(),
            _ => 0,
        };
        // Passing over a number costs little, but not nothing.
        self.places += 1 + width / 256;
        if self.places > MAX_PLACES {
            let problem = format!("it holds more than {MAX_PLACES} collections by name");
            return Err(Problem::damaged(self.format, problem));
        }
        if depth > MAX_DEPTH
            || self.path.contains(&id)
            || (!in_state && !self.attributes.insert(id))
        {
            return Ok(());
        }
        self.path.push(id);
        match pickle.value(id) {
            Value::Dict(entries) => self.entries(entries, name, in_state, depth)?,
            Value::List(items) | Value::Tuple(items) => {
                let holders = items.iter().enumerate();
                for (index, &item) in holders.filter(|(_, item)| !pickle.is_leaf(**item)) {
                    self.child(item, &index.to_string(), name, in_state, depth)?;
                }
            }
            Value::Object(object) => {
                let class = pickle.global(object.class);
                if let Some(found) = self.tensor(id)? {
                    self.found.push(Found {
                        name: name.clone(),
                        in_state,
                        ..found
                    });
                } else if class == Some(("collections", "OrderedDict")) {
                    let arguments = pickle.items(object.arguments).unwrap_or_default();
                    for &pair in arguments
                        .first()
                        .and_then(|&list| pickle.items(list))
                        .unwrap_or_default()
                    {
                        if let Some(&[key, value]) = pickle.items(pair) {
                            self.entries(&[(key, value)], name, in_state, depth)?;
                        }
                    }
                    self.entries(&object.entries, name, in_state, depth)?;
                } else {
                    self.entries(&object.entries, name, false, depth)?;
                    if let Some(state) = object.state {
                        self.module(state, name, in_state, depth)?;
                    }
                }
            }
            _ => {}
        }
        self.path.pop();
        Ok(())
    }

    /// Looks into the attributes of an object: those of a module have its tensors.
    fn module(
        &mut self,
        state: Id,
        name: &mut String,
        in_state: bool,
        depth: usize,
    ) -> Result<(), Problem> {
        let pickle = self.pickle;
        let Value::Dict(attributes) = pickle.value(state) else {
            return self.value(state, name, false, depth + 1);
        };
        let attribute = |wanted: &str| {
            let mut attributes = attributes.iter();
            attributes.find_map(|&(key, value)| (pickle.text(key) == Some(wanted)).then_some(value))
        };
        let passing: HashSet<&str> = attribute("_non_persistent_buffers_set")
            .map(|set| self.set(set))
            .unwrap_or_default();
        for &(key, value) in attributes {
            match pickle.text(key) {
                Some("_parameters" | "_modules") => self.value(value, name, in_state, depth + 1)?,
                Some("_buffers") => {
                    for &(key, value) in self.dict(value) {
                        if let Some(buffer) = pickle.text(key) {
                            let in_state = in_state && !passing.contains(buffer);
                            self.child(value, buffer, name, in_state, depth)?;
                        }
                    }
                }
                Some(other) => self.child(value, other, name, false, depth)?,
                None => {}
            }
        }
        Ok(())
    }

    fn entries(
        &mut self,
        entries: &[(Id, Id)],
        name: &mut String,
        in_state: bool,
        depth: usize,
    ) -> Result<(), Problem> {
        for &(key, value) in entries {
            let number;
            let key = match (self.pickle.text(key), self.pickle.value(key)) {
                (Some(text), _) => text,
                (None, Value::Int(key)) => {
                    number = key.to_string();
                    &number
                }
                _ => continue,
            };
            self.child(value, key, name, in_state, depth)?;
        }
        Ok(())
    }

    fn child(
        &mut self,
        id: Id,
        key: &str,
        name: &mut String,
        in_state: bool,
        depth: usize,
    ) -> Result<(), Problem> {
        let length = name.len();
        if length + key.len() > MAX_NAME_BYTES || self.pickle.is_leaf(id) {
            return Ok(());
        }
        if length > 0 {
            name.push('.');
        }
        name.push_str(key);
        let result = self.value(id, name, in_state, depth + 1);
        name.truncate(length);
        result
    }

    fn dict(&self, id: Id) -> &'p [(Id, Id)] {
        match self.pickle.value(id) {
            Value::Dict(entries) => entries,
            Value::Object(object) => &object.entries,
            _ => &[],
        }
    }

    /// The texts of a Python set, which is built from a list.
    fn set(&self, id: Id) -> HashSet<&'a str> {
        let list = match self.pickle.value(id) {
            Value::Object(object) => self
                .pickle
                .items(object.arguments)
                .and_then(|arguments| arguments.first().copied()),
            _ => Some(id),
        };
        let items = list
            .and_then(|list| self.pickle.items(list))
            .unwrap_or_default();
        items
            .iter()
            .filter_map(|&item| self.pickle.text(item))
            .collect()
    }

    /// The tensor that an object is, if it is one.
    fn tensor(&self, id: Id) -> Result<Option<Found<'a>>, Problem> {
        let pickle = self.pickle;
        let mut id = id;
        // A parameter wraps a tensor, a subclass names the function that would build one.
        for _ in 0..4 {
            let Value::Object(object) = pickle.value(id) else {
                return Ok(None);
            };
            let Some((module @ ("torch._utils" | "torch._tensor"), function)) =
                pickle.global(object.class)
            else {
                return Ok(None);
            };
            let arguments = pickle.items(object.arguments).unwrap_or_default();
            match (module, function) {
                (_, "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
                    let Some(&tensor) = arguments.first() else {
                        return Ok(None);
                    };
                    id = tensor;
                }
                ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => {
                    return self.view(arguments, function).map(Some);
                }
                (_, "_rebuild_from_type_v2") => {
                    let function = arguments
                        .first()
                        .and_then(|&function| pickle.global(function));
                    let arguments = arguments.get(2).and_then(|&inner| pickle.items(inner));
                    return match (function, arguments) {
                        (Some((_, function @ "_rebuild_tensor_v2")), Some(arguments)) => {
                            self.view(arguments, function).map(Some)
                        }
                        (Some((_, function)), _) => Ok(Some(unread(function))),
                        _ => Ok(None),
                    };
                }
                _ if function.starts_with("_rebuild") => return Ok(Some(unread(function))),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Reads `(storage, first element, shape, strides, …)`.
    fn view(&self, arguments: &[Id], kind: &'a str) -> Result<Found<'a>, Problem> {
        let pickle = self.pickle;
        let sizes = |id: Id| -> Option<Vec<usize>> {
            pickle
                .items(id)?
                .iter()
                .map(|&size| pickle.count(size))
                .collect()
        };
        let view = || {
            let &[storage, first, shape, strides, ..] = arguments else {
                return None;
            };
            let Value::Persistent(reference) = *pickle.value(storage) else {
                return None;
            };
            let reference = Reference::read(pickle, reference)?;
            let (shape, strides) = (sizes(shape)?, sizes(strides)?);
            let first = pickle.count(first)?.checked_add(reference.first)?;
            (shape.len() == strides.len() && shape.len() <= 8).then_some(View {
                reference,
                first,
                shape,
                strides,
            })
        };
        let view = view().ok_or_else(|| {
            Problem::damaged(self.format, "a tensor is not described as torch does it")
        })?;
        Ok(Found {
            view: Some(view),
            ..unread(kind)
        })
    }

    /// Looks every storage up.
    pub(super) fn finish(
        self,
        mut storage: impl FnMut(&Reference<'a>) -> Result<Storage, Problem>,
    ) -> Result<Contents, Problem> {
        let mut known: BTreeMap<&str, Storage> = BTreeMap::new();
        let mut tensors = Vec::with_capacity(self.found.len());
        for found in self.found {
            let Some(view) = found.view else {
                tensors.push(StoredTensor {
                    name: found.name,
                    element: Element::Other(shorten(found.kind)),
                    shape: Vec::new(),
                    strides: None,
                    first: 0,
                    storage: Storage::Plain {
                        offset: 0,
                        bytes: 0,
                    },
                    in_state: found.in_state,
                });
                continue;
            };
            let key = view.reference.key;
            if !known.contains_key(key) {
                known.insert(key, storage(&view.reference)?);
            }
            tensors.push(StoredTensor {
                name: found.name,
                element: view.reference.element(),
                shape: view.shape,
                strides: Some(view.strides),
                first: view.first,
                storage: known[key].clone(),
                in_state: found.in_state,
            });
        }
        Ok(Contents {
            format: self.format,
            tensors,
            metadata: Metadata::default(),
        })
    }
}

fn unread(kind: &str) -> Found<'_> {
    Found {
        name: String::new(),
        in_state: false,
        view: None,
        kind,
    }
}
