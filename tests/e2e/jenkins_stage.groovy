// SPDX-License-Identifier: Apache-2.0
// Runs a declarative Jenkinsfile as far as our template goes: its text is compiled by Groovy (Jenkins uses 2.4, too), sections
// are closures, and `sh` runs. Called with a file of JSON: jenkinsfile, workspace, environment, credentials, result (to write).
import groovy.json.JsonOutput
import groovy.json.JsonSlurper

class Stopped extends RuntimeException {
  Stopped(String message) { super(message) }
}

// The body of `environment { … }`: what is assigned there.
class Settings {
  private final Map names
  Settings(Map names) { this.names = names }
  void setProperty(String name, Object value) {
    assert value instanceof String : "a setting that Groovy did not leave alone: $name"
    names[name] = value
  }
}

// Where a name that is no variable of the file is looked for: steps and sections.
class Build {
  Map given
  Map environment
  String result = 'SUCCESS'
  List said = []
  List codes = []
  Map kept = [:]

  static Object within(Object delegate, Closure body) {
    Closure copy = (Closure) body.clone()
    copy.delegate = delegate
    copy.resolveStrategy = Closure.DELEGATE_FIRST
    copy.call()
  }

  // Sections.
  void pipeline(Closure body) { within(this, body) }
  String getAny() { 'any' }
  void agent(String label) { assert label == 'any' }
  void stages(Closure body) { within(this, body) }
  // A section that follows another is known before that one runs.
  List work = []
  void steps(Closure body) { work << body }
  void script(Closure body) { within(this, body) }
  void always(Closure body) { within(this, body) }
  List posts = []
  void post(Closure body) { posts << body }
  void environment(Closure body) {
    within(new Settings(environment), body)
  }
  void stage(String name, Closure body) {
    within(this, body)
    try {
      work.each { within(this, it) }
    } catch (Stopped stopped) {
      result = 'FAILURE'
      said << stopped.message
    } finally {
      posts.each { within(this, it) }
    }
  }

  // Steps.
  Map getEnv() { environment }
  Object sh(Map row) {
    assert row.script instanceof String : 'Groovy reads into the script'
    File file = File.createTempFile('script', '.sh', new File((String) given.scratch))
    file.text = row.script
    assert row.script.startsWith('#!/bin/sh\n')
    Process process = new ProcessBuilder('sh', file.path).directory(new File((String) given.workspace))
        .redirectErrorStream(true).with { builder ->
          builder.environment().clear()
          builder.environment().putAll(environment)
          builder
        }.start()
    process.outputStream.close()
    System.out << process.inputStream
    codes << process.waitFor()
    if (row.returnStatus) return codes[-1]
    if (codes[-1] != 0) throw new Stopped("script returned exit code ${codes[-1]}")
    null
  }
  Map string(Map row) { row }
  Object withCredentials(List rows, Closure body) {
    Map before = new LinkedHashMap(environment)
    rows.each { row ->
      if (!given.credentials.containsKey(row.credentialsId)) throw new Stopped("no credentials ${row.credentialsId}")
      environment[row.variable] = given.credentials[row.credentialsId]
    }
    try {
      return within(this, body)
    } finally {
      environment.clear()
      environment.putAll(before)
    }
  }
  void error(String message) { throw new Stopped(message) }
  void unstable(String message) {
    result = 'UNSTABLE'
    said << message
  }
  void archiveArtifacts(Map row) { kept.artifacts = row.artifacts }
  void junit(Map row) { kept.junit = row.testResults }
}

Map given = (Map) new JsonSlurper().parse(new File(args[0]))
Build build = new Build(given: given, environment: new LinkedHashMap((Map) given.environment))
// The one section at the top; what is inside looks at the build first.
new GroovyShell(new Binding([pipeline: build.&pipeline])).evaluate(new File((String) given.jenkinsfile))
new File((String) given.result).text = JsonOutput.toJson([result: build.result, said: build.said, codes: build.codes, kept: build.kept])
