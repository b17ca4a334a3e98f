// SPDX-License-Identifier: MIT
// Jenkins: a step of a shared library whose path is src/share/ci/jenkins.
//
//   strayCheck 'make test', release: 'https://HOST/OWNER/REPO/releases/download/TAG'
//
// The step fails if the command leaves processes behind; they are listed as test results.
def call(Map options = [:], String command) {
    withEnv(["STRAY_RUN=${command}",
             "STRAY_RELEASE=${options.release}",
             "STRAY_OPTIONS=${options.options ?: ''}",
             "STRAY_FORMAT=junit",
             "STRAY_OUTPUT=stray-leaks.xml"]) {
        try {
            sh '''
                case $STRAY_RELEASE in
                file://*) cp "${STRAY_RELEASE#file://}/stray-ci.sh" .stray-ci.sh ;;
                *) curl -fsSL -o .stray-ci.sh "$STRAY_RELEASE/stray-ci.sh" ;;
                esac
                sh .stray-ci.sh
            '''
        } finally {
            junit allowEmptyResults: true, testResults: 'stray-leaks.xml'
        }
    }
}
