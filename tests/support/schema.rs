//! JSON documents held against a JSON schema.

use boon::Compiler;
use boon::SchemaIndex;
use boon::Schemas;
use serde_json::Value;

/// A schema that documents have to follow.
pub(crate) struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    /// Takes a schema; one that is none stops the test.
    pub(crate) fn new(schema: Value) -> Self {
        let mut compiler = Compiler::new();
        compiler.add_resource("schema.json", schema).unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// Stops the test where a document does not follow the schema.
    #[track_caller]
    pub(crate) fn check(&self, document: &Value, name: &str) {
        if let Err(error) = self.schemas.validate(document, self.index) {
            panic!("{name}: {error:#}");
        }
    }
}
