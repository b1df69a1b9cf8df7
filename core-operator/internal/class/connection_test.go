// SPDX-License-Identifier: Apache-2.0

package class

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func details() map[string][]byte {
	return map[string][]byte{
		"host": []byte("db.example.org"), "port": []byte("3306"), "username": []byte("admin"),
		"password": []byte("hunter2 / &"), "database": []byte("app"), "empty": {},
	}
}

func TestConnectionTemplate(t *testing.T) {
	cases := map[string]struct{ template, want map[string]string }{
		"none":    {nil, map[string]string{}},
		"literal": {map[string]string{"driver": "mysql"}, map[string]string{"driver": "mysql"}},
		"whole":   {map[string]string{"DB_HOST": "${connection.host}"}, map[string]string{"DB_HOST": "db.example.org"}},
		"text": {
			map[string]string{"jdbc": "jdbc:mysql://${connection.host}:${connection.port}/"},
			map[string]string{"jdbc": "jdbc:mysql://db.example.org:3306/"},
		},
		"escaped": {map[string]string{"url": "x://${urlEscape(connection.password)}@h"}, map[string]string{"url": "x://hunter2%20%2F%20%26@h"}},
		"json": {
			map[string]string{"config.json": `${toJson({"host": connection.host, "port": int(connection.port)})}`},
			map[string]string{"config.json": `{"host":"db.example.org","port":3306}`},
		},
		"integer":     {map[string]string{"next": "${int(connection.port) + 1}"}, map[string]string{"next": "3307"}},
		"with a dash": {map[string]string{"ca": `${connection[?"ca.crt"].orValue("none")}`}, map[string]string{"ca": "none"}},
		"optional":    {map[string]string{"ca": `${connection[?"ca.crt"]}`}, map[string]string{}},
		"empty value": {map[string]string{"e": "${connection.empty}"}, map[string]string{"e": ""}},
		"empty text":  {map[string]string{"e": ""}, map[string]string{"e": ""}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			compiled, problems := CompileConnection(tc.template)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			rendered, problems := compiled.Render(details())
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			got := map[string]string{}
			for key, value := range rendered {
				got[key] = string(value)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestConnectionTemplateFaults(t *testing.T) {
	many := map[string]string{}
	for i := range maxConnectionKeys + 1 {
		many[strings.Repeat("k", i+1)] = "v"
	}
	cases := map[string]struct {
		template map[string]string
		want     string
	}{
		"standard key":       {map[string]string{"password": "x"}, "connectionTemplate[password]: is a standard key, which can't be redefined"},
		"promised password":  {map[string]string{"password-next": "x"}, "is a standard key"},
		"kubeconfig":         {map[string]string{"value": "x"}, "is a standard key"},
		"of operators alone": {map[string]string{"operator-kubeconfig": "x"}, "is a standard key"},
		"no key":             {map[string]string{"a/b": "x"}, "connectionTemplate[a/b]: is no key that a secret can have"},
		"two dots":           {map[string]string{"..a": "x"}, "is no key"},
		"empty key":          {map[string]string{"": "x"}, "is no key"},
		"too many keys":      {many, "has 33 keys, and can have 32"},
		"too long a text":    {map[string]string{"a": strings.Repeat("x", 5000)}, "has 5000 bytes, and can have 4096"},
		"not closed":         {map[string]string{"a": "x${connection.host"}, "connectionTemplate[a]: position 2: ${ without its }"},
		"unknown variable":   {map[string]string{"a": "abc ${claim.spec}"}, "connectionTemplate[a]: ${claim.spec}: expression at 5: position 1: there is no claim"},
		"gives a list":       {map[string]string{"a": "${[connection.host]}"}, "gives a list, and has to give a string"},
		"gives all of it":    {map[string]string{"a": "${connection}"}, "gives an object, and has to give a string"},
		"wrong types":        {map[string]string{"a": "${connection.port + 1}"}, "no matching overload"},
		"two faults in text": {map[string]string{"a": "${x} ${y}"}, "there is no y"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			compiled, problems := CompileConnection(tc.template)
			if compiled != nil || !strings.Contains(problems.String(), tc.want) {
				t.Errorf("got  %v\nwant ...%s...", problems, tc.want)
			}
		})
	}
}

// Whatever goes wrong, what is said of it holds no value.
func TestConnectionTemplateKeepsSecrets(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"absent":              {"${connection.databse}", "there is no connection detail databse: did you mean database?"},
		"absent, in text":     {"a ${connection.databse}", "expression at 3: there is no connection detail databse"},
		"absent, in a call":   {"${urlEscape(connection.databse)}", "there is no connection detail databse"},
		"absent, in brackets": {`${connection["ca.crt"]}`, "there is no connection detail ca.crt"},
		"no number": {
			"${int(connection.password)}",
			"can't be evaluated with the connection details that there are: database, empty, host, password, port, username",
		},
		"value as key":        {"${connection[connection.password]}", "can't be evaluated"},
		"value as a regex":    {`${connection.host.matches(connection.password + "(")}`, "can't be evaluated"},
		"value as a quantity": {`${string(quantity(connection.password).asInteger())}`, "can't be evaluated"},
		"value as a time":     {`${timestamp(connection.password).getFullYear()}`, "can't be evaluated"},
		"too much": {
			`${connection.password.replace("", "` + strings.Repeat("x", 900) + `").replace("", "` + strings.Repeat("y", 900) + `")}`,
			"gives too much",
		},
		"an odd value": {`${dyn([connection.password])}`, "has to give a string"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			compiled, problems := CompileConnection(map[string]string{"mine": tc.text, "fine": "x"})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			got, problems := compiled.Render(details())
			said := problems.String()
			if got != nil || !strings.Contains(said, tc.want) || !strings.Contains(said, "connectionTemplate[mine]") {
				t.Errorf("got  %v, %s\nwant ...%s...", got, said, tc.want)
			}
			if strings.Contains(said, "hunter2") {
				t.Errorf("a secret is told: %s", said)
			}
		})
	}
}
