//! One value of any file of evidence, whoever wrote it: every field that some source has, each taken in whatever type it comes.
//!
//! A field of an unexpected type is as if absent, a field that nobody needs is skipped without being kept, and texts point
//! into the file. Which source a value is from is seen by the fields that it has.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;

pub(super) use super::field::Word;
use super::take::Flag;
use super::take::Into;
use super::take::Moment;
use super::take::Number;
use super::take::OrNull;
use super::take::Take;
pub(super) use super::take::Text;
pub(super) use super::take::Texts;

pub(super) type Nested<'a> = Option<Box<Item<'a>>>;
pub(super) type Inner<'a> = Option<Box<Thing<'a>>>;
/// A list that is not there is not the same as an empty one.
pub(super) type List<'a> = Option<Vec<Item<'a>>>;

impl<'de> Take<'de> for List<'de> {
    fn list<A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        let items = self.insert(Vec::new());
        let mut item = Item::default();
        while list.next_element_seed(Into(&mut item))?.is_some() {
            items.push(std::mem::take(&mut item));
        }
        Ok(())
    }
}

impl<'de> Take<'de> for Nested<'de> {
    fn object<A: MapAccess<'de>>(&mut self, object: A) -> Result<(), A::Error> {
        self.insert(Box::default()).object(object)
    }
}

impl<'de> Take<'de> for Inner<'de> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.insert(Box::default()).text(text);
    }

    fn object<A: MapAccess<'de>>(&mut self, object: A) -> Result<(), A::Error> {
        self.insert(Box::default()).object(object)
    }
}

macro_rules! object {
    ($(#[$doc:meta])* $name:ident, $key:ident, $plain:ident { $($field:ident: $type:ty = $($word:literal)|+;)* }) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(super) struct $name<'a> { $(pub(super) $field: $type,)* }

        #[expect(non_camel_case_types, reason = "each is named as its field")]
        #[derive(Clone, Copy)]
        pub(super) enum $key { $($field,)* Other }

        impl $key {
            pub(super) fn of(word: &str) -> Self {
                match word { $($($word)|+ => Self::$field,)* _ => Self::Other }
            }
        }

        impl<'de> $name<'de> {
            /// Takes the value of one field.
            pub(super) fn field<A: MapAccess<'de>>(&mut self, key: $key, object: &mut A) -> Result<(), A::Error> {
                match key {
                    $($key::$field => object.next_value_seed(Into(&mut self.$field)),)*
                    $key::Other => object.next_value::<IgnoredAny>().map(drop),
                }
            }
        }

        impl<'de> Take<'de> for $name<'de> {
            /// A text where an object is usual is the object's name.
            fn text(&mut self, text: Cow<'de, str>) {
                self.$plain.text(text);
            }

            fn object<A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
                while let Some(key) = object.next_key_seed(Word($key::of))? {
                    self.field(key, &mut object)?;
                }
                Ok(())
            }
        }
    };
}

object! {
    /// A small object inside of a value: a person, a repository, a state.
    Thing, ThingKey, text {
        text: Text<'a> = "text";
        id: Text<'a> = "id";
        uuid: Text<'a> = "uuid";
        kind: Text<'a> = "type";
        login: Text<'a> = "login" | "username" | "nickname";
        name: Text<'a> = "name" | "display_name";
        full_name: Text<'a> = "full_name";
        hash: Text<'a> = "hash" | "revision" | "sha";
        branch: Text<'a> = "ref_name" | "branch";
        tag: Text<'a> = "tag";
        description: Text<'a> = "description";
        runner_type: Text<'a> = "runner_type";
        project_id: Number = "project_id";
        ref_: Text<'a> = "ref";
        result: Inner<'a> = "result";
        actor: Inner<'a> = "actor";
        data: Inner<'a> = "data";
        commit: Inner<'a> = "commit";
    }
}

object! {
    /// A value of a file of evidence.
    Item, Key, name {
        id: Text<'a> = "id";
        database_id: Text<'a> = "databaseId";
        uuid: Text<'a> = "uuid";
        kind: Text<'a> = "type";
        name: Text<'a> = "name";
        path: Text<'a> = "path" | "filename";
        event: Text<'a> = "event";
        status: Text<'a> = "status";
        conclusion: Text<'a> = "conclusion";
        state: Inner<'a> = "state";
        number: Number = "number" | "iid" | "build_number" | "pull";
        run_number: Number = "run_number";
        attempt: Number = "run_attempt" | "attempt" | "workflow_run_attempt";
        run_id: Text<'a> = "run_id" | "workflow_run_id";
        workflow_id: Number = "workflow_id" | "workflowDatabaseId";
        head_branch: Text<'a> = "head_branch" | "headBranch";
        head_sha: Text<'a> = "head_sha" | "headSha" | "workflow_run_head_sha" | "commit_id";
        sha: Text<'a> = "sha";
        ref_: Text<'a> = "ref";
        branch: Text<'a> = "branch";
        commit: Inner<'a> = "commit";
        source: Text<'a> = "source";
        created_at: Moment = "created_at" | "createdAt" | "created_on" | "created-at" | "submitted_at";
        run_started_at: Moment = "run_started_at";
        started_at: Moment = "started_at" | "startedAt" | "started_on" | "job_started_at";
        completed_at: Moment =
            "completed_at" | "completedAt" | "completed_on" | "finished_at" | "stopped_at" | "job_completed_at";
        updated_at: Moment = "updated_at" | "updatedAt";
        url: Text<'a> = "url";
        html_url: Text<'a> = "html_url";
        run_url: Text<'a> = "run_url" | "pull_request_url";
        web_url: Text<'a> = "web_url";
        log_url: Text<'a> = "log_url";
        target_url: Text<'a> = "target_url";
        deployment_url: Text<'a> = "deployment_url";
        actor: Inner<'a> = "actor";
        actor_id: Number = "actor_id" | "workflow_run_actor_id";
        actor_is_bot: Flag = "actor_is_bot";
        triggering_actor: Inner<'a> = "triggering_actor";
        user: Inner<'a> = "user";
        creator: Inner<'a> = "creator";
        approver: Inner<'a> = "approver";
        repository: Inner<'a> = "repository";
        head_repository: OrNull<Inner<'a>> = "head_repository";
        repo: Text<'a> = "repo";
        repo_id: Number = "repo_id" | "repository_id";
        project_id: Number = "project_id";
        runner: Inner<'a> = "runner";
        runner_name: Text<'a> = "runner_name";
        runner_group: Text<'a> = "runner_group_name";
        is_hosted_runner: Flag = "is_hosted_runner";
        labels: Texts<'a> = "labels" | "job_labels";
        environment: Inner<'a> = "environment";
        environment_name: Text<'a> = "environment_name";
        environments: List<'a> = "environments";
        protection_rules: List<'a> = "protection_rules";
        prevent_self_review: Flag = "prevent_self_review";
        approvals: List<'a> = "approvals";
        jobs: List<'a> = "jobs";
        missing: Flag = "missing";
        system: Text<'a> = "system";
        host: Text<'a> = "host";
        total_count: Number = "total_count";
        action: Text<'a> = "action";
        timestamp: Moment = "@timestamp" | "at_sign_timestamp";
        job_name: Text<'a> = "job_name";
        event_data: Nested<'a> = "eventData";
        job_id: Text<'a> = "job_id";
        job_key: Text<'a> = "job_key" | "step_key";
        job_conclusion: Text<'a> = "job_conclusion";
        job_status: Text<'a> = "job_status";
        workflow_run: Nested<'a> = "workflow_run";
        workflow_job: Nested<'a> = "workflow_job";
        workflow_job_run: Nested<'a> = "workflow_job_run";
        since: Moment = "since";
        deployment: Nested<'a> = "deployment";
        deployment_status: Nested<'a> = "deployment_status";
        deployable: Nested<'a> = "deployable";
        actions: Texts<'a> = "actions" | "actions_macos";
        public_ips: List<'a> = "public_ips";
        prefix: Text<'a> = "prefix";
        length: Number = "length";
        target: Inner<'a> = "target";
        trigger: Inner<'a> = "trigger";
        pipeline: Inner<'a> = "pipeline";
        agent: Inner<'a> = "agent";
        unblocked_by: Inner<'a> = "unblocked_by";
        unblocked_at: Moment = "unblocked_at";
        project_slug: Text<'a> = "project_slug";
        pipeline_id: Text<'a> = "pipeline_id";
        vcs: Inner<'a> = "vcs";
        attributes: Nested<'a> = "attributes";
        times: Nested<'a> = "status-timestamps";
        confirmed_at: Moment = "confirmed-at";
        applied_at: Moment = "applied-at";
        relationships: Nested<'a> = "relationships";
        created_by: Inner<'a> = "created-by";
        confirmed_by: Inner<'a> = "confirmed-by";
        merged_at: OrNull<Moment> = "merged_at";
        merge_commit_sha: Text<'a> = "merge_commit_sha";
        head: Inner<'a> = "head";
        base: Inner<'a> = "base";
        author: Inner<'a> = "author";
        files: List<'a> = "files";
        pulls: List<'a> = "pulls";
        reviews: List<'a> = "reviews";
        parents: List<'a> = "parents";
        workflow_runs: List<'a> = "workflow_runs";
        values: List<'a> = "values";
        items: List<'a> = "items";
        data: List<'a> = "data" | "runners";
        }
}
