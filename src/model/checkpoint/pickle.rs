//! Pickles as passive values.
//!
//! Nothing is called or imported. What would construct an object is kept as a record of what it
//! asks for. Values lie in one array and refer to one another by index, so that neither cycles nor
//! depth can do harm.

use super::machine;

/// Longest pickle that is read. Those of a whole module have some 60 KB.
pub(super) const MAX_PICKLE_BYTES: u64 = 16 << 20;

/// The index of a value.
pub(super) type Id = u32;

/// One value.
#[derive(Debug)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// From and to, in the pickle's bytes.
    Text(u32, u32),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// Module and name.
    Global(Id, Id),
    /// A reference to something outside the pickle, and what says which.
    Persistent(Id),
    Object(Box<Object>),
    /// Numbers and bytes that no checkpoint's structure hangs on.
    Other,
}

/// Something that Python would construct by a call.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) class: Id,
    pub(super) arguments: Id,
    pub(super) state: Option<Id>,
    pub(super) entries: Vec<(Id, Id)>,
}

/// A pickle that has been read.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    bytes: &'a [u8],
    values: Vec<Value>,
    /// The value that the pickle is of.
    pub(super) root: Id,
    /// Where the pickle ends in the bytes.
    pub(super) end: usize,
}

impl<'a> Pickle<'a> {
    /// Reads the pickle that begins at `start`.
    ///
    /// The error says at which byte the pickle breaks which rule.
    pub(super) fn read(bytes: &'a [u8], start: usize) -> Result<Self, String> {
        let (values, root, end) = machine::run(bytes, start)?;
        Ok(Self {
            bytes,
            values,
            root,
            end,
        })
    }

    /// The value at an index that came from this pickle.
    pub(super) fn value(&self, id: Id) -> &Value {
        self.values.get(id as usize).unwrap_or(&Value::None)
    }

    /// What the references to things outside the pickle say.
    pub(super) fn persistent(&self) -> impl Iterator<Item = Id> {
        self.values.iter().filter_map(|value| match value {
            Value::Persistent(reference) => Some(*reference),
            _ => None,
        })
    }

    /// Whether a value holds no others.
    pub(super) fn is_leaf(&self, id: Id) -> bool {
        !matches!(
            self.value(id),
            Value::Tuple(_) | Value::List(_) | Value::Dict(_) | Value::Object(_)
        )
    }

    /// The text that a value is.
    pub(super) fn text(&self, id: Id) -> Option<&'a str> {
        match *self.value(id) {
            Value::Text(from, to) => {
                std::str::from_utf8(self.bytes.get(from as usize..to as usize)?).ok()
            }
            _ => None,
        }
    }

    /// The whole number that a value is, where it is not negative.
    pub(super) fn count(&self, id: Id) -> Option<usize> {
        match *self.value(id) {
            Value::Int(number) => number.try_into().ok(),
            _ => None,
        }
    }

    /// The values of a tuple or list.
    pub(super) fn items(&self, id: Id) -> Option<&[Id]> {
        match self.value(id) {
            Value::Tuple(items) | Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Module and name of a class or function.
    pub(super) fn global(&self, id: Id) -> Option<(&'a str, &'a str)> {
        match *self.value(id) {
            Value::Global(module, name) => Some((self.text(module)?, self.text(name)?)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_several_protocols_are_read() {
        // {'a': [1, -2], 'b': (True, 'c')} as protocols 0 and 2 write it.
        let protocol_0: &[u8] = b"(dp0\nVa\np1\n(lp2\nI1\naI-2\nasVb\np3\n(I01\nVc\np4\ntp5\ns.";
        let protocol_2: &[u8] =
            b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xfe\xff\xff\xffeX\x01\x00\x00\x00bq\x03\x88X\x01\x00\x00\x00cq\x04\x86q\x05u.";
        for bytes in [protocol_0, protocol_2] {
            let pickle = Pickle::read(bytes, 0).unwrap();
            assert_eq!(pickle.end, bytes.len());
            let Value::Dict(entries) = pickle.value(pickle.root) else {
                panic!("{:?}", pickle.value(pickle.root));
            };
            let names: Vec<_> = entries.iter().map(|entry| pickle.text(entry.0)).collect();
            assert_eq!(names, [Some("a"), Some("b")]);
            let list = pickle.items(entries[0].1).unwrap();
            assert_eq!(pickle.count(list[0]), Some(1));
            assert!(matches!(pickle.value(list[1]), Value::Int(-2)));
            let tuple = pickle.items(entries[1].1).unwrap();
            assert!(matches!(pickle.value(tuple[0]), Value::Bool(true)));
            assert_eq!(pickle.text(tuple[1]), Some("c"));
        }
    }

    #[test]
    fn calls_are_recorded_and_not_made() {
        let pickle = Pickle::read(b"cos\nsystem\n(X\x02\x00\x00\x00lstR.", 0).unwrap();
        let Value::Object(object) = pickle.value(pickle.root) else {
            panic!("not an object");
        };
        assert_eq!(pickle.global(object.class), Some(("os", "system")));
    }

    #[test]
    fn broken_pickles_are_errors() {
        let broken: [&[u8]; 12] = [
            b"",
            b".",
            b"\x80",
            b"(.",
            b"a.",
            b"R.",
            b"h\x00.",
            b"t.",
            b"X\xff\xff\xff\xffa.",
            b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff.",
            b"cos",
            b"\xff.",
        ];
        for bytes in broken {
            assert!(Pickle::read(bytes, 0).is_err(), "{bytes:?}");
        }
        let cycle = Pickle::read(b"]q\x00h\x00a.", 0).unwrap();
        assert_eq!(cycle.items(cycle.root), Some(&[cycle.root][..]));
    }
}
