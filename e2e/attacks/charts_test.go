// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

func key(namespace, name string) types.NamespacedName {
	return types.NamespacedName{Namespace: namespace, Name: name}
}

// entry is one of an archive.
type entry struct {
	tar.Header

	content string
}

// chartOf packs a chart whose files are given by their paths, and more entries.
func chartOf(files map[string]string, more ...entry) []byte {
	out := &bytes.Buffer{}
	zipped := gzip.NewWriter(out)
	packed := tar.NewWriter(zipped)
	all := map[string]string{"Chart.yaml": "{apiVersion: v2, name: it, version: 1.0.0}"}
	maps.Copy(all, files)
	entries := make([]entry, 0, len(all)+len(more))
	for _, path := range slices.Sorted(maps.Keys(all)) {
		entries = append(entries, entry{tar.Header{Name: "it/" + path, Typeflag: tar.TypeReg}, all[path]})
	}
	for _, e := range append(entries, more...) {
		e.Mode, e.Size = 0o644, int64(len(e.content))
		_ = packed.WriteHeader(&e.Header)
		_, _ = packed.Write([]byte(e.content))
	}
	_ = packed.Close()
	_ = zipped.Close()
	return out.Bytes()
}

// one is a template of a ConfigMap that holds what an expression gives.
func one(expression string) map[string]string {
	return map[string]string{"templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: loot}\ndata:\n  loot: {{ " + expression + " | toString | quote }}\n"}
}

// sourceAttacks take charts from where the tenant may not, or have them fetched
// from where nobody may.
func sourceAttacks() []attack {
	from := func(source string) func(*tenant) result {
		return func(a *tenant) result {
			return a.runs(values{"chart": values{"sourceRef": values{"name": source}, "name": "it", "version": "1.0.0"}}, visited)
		}
	}
	const none = "charts for applications of namespace hostile-"
	return []attack{
		{"an application takes a chart from the victim's source", guardSources, "there is no source theirs of " + none, func(a *tenant) result {
			spec := a.bundle(chartOf(one(`"yes"`)), values{"sourceRef": values{"name": "theirs"}})
			return a.runs(spec)
		}, true},
		{"an application without a place has a chart from the victim's source counted", guardSources, "estimate: there is no source theirs of " + none, func(a *tenant) result {
			return a.counted(a.bundle(chartOf(one(`"yes"`)), values{"sourceRef": values{"name": "theirs"}}))
		}, true},
		{"an application finds out whether a source exists", guardSources, "there is no source nowhere of " + none, from("nowhere"), false},
		{"a repository redirects to a server inside", guardElsewhere, "without TLS", from("to-inside"), true},
		{"a repository redirects to the cloud's metadata", guardElsewhere, "without TLS", from("to-metadata"), false},
		{"a repository redirects to the cloud's metadata over TLS", guardElsewhere, "address of this machine", from("to-metadata-tls"), false},
		{"a registry redirects to a server inside", guardElsewhere, "without TLS", from("registry"), false},
		{"an index leads to a server inside", guardElsewhere, "not among spec.repository.alsoFrom", from("index"), false},
		{"a chart's name is a path", guardSchema, "should match", func(a *tenant) result {
			return asked(a.create(a.app("app", values{"chart": values{"sourceRef": values{"name": "index"}, "name": "../../admin", "version": "1.0.0"}})))
		}, false},
	}
}

// chartAttacks are charts that reach out of the place where they are rendered.
func chartAttacks() []attack {
	packed := func(name, guard, says string, proof bool, archive func() []byte) attack {
		return attack{name, guard, says, func(a *tenant) result { return a.runs(a.bundle(archive(), nil)) }, proof}
	}
	tells := func(name, expression string, proof bool) attack {
		return attack{name, guardBlind, "True Running", func(a *tenant) result {
			return a.runs(a.bundle(chartOf(one(expression)), nil), func() bool {
				loot := a.mapped("loot")["loot"]
				return loot != "" && loot != "map[]" && loot != "nothing"
			})
		}, proof}
	}
	return []attack{
		packed("an archive has a file outside of its folder", guardArchive, "outside of its folder", true, func() []byte {
			return chartOf(one(`"yes"`), entry{tar.Header{Name: "it/../../../etc/cron.d/mallory", Typeflag: tar.TypeReg}, "x"})
		}),
		packed("an archive has a file with an absolute path", guardArchive, "outside of its folder", false, func() []byte {
			return chartOf(one(`"yes"`), entry{tar.Header{Name: "/etc/cron.d/mallory", Typeflag: tar.TypeReg}, "x"})
		}),
		packed("an archive has a symbolic link", guardArchive, "a link or a device", true, func() []byte {
			return chartOf(one(`"yes"`), entry{tar.Header{Name: "it/files/passwd", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}, ""})
		}),
		packed("an archive has a device", guardArchive, "a link or a device", false, func() []byte {
			return chartOf(one(`"yes"`), entry{tar.Header{Name: "it/files/null", Typeflag: tar.TypeChar}, ""})
		}),
		packed("an archive becomes huge when it is unpacked", guardBounds, "ChartTooLarge", true, func() []byte {
			return chartOf(map[string]string{"templates/a.yaml": one(`"yes"`)["templates/a.yaml"], "files/zeros": strings.Repeat("0", 40<<20)})
		}),
		packed("a chart makes 501 objects", guardBounds, "ChartTooLarge", false, func() []byte {
			return chartOf(map[string]string{"templates/a.yaml": "{{ range until 501 }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a-{{ . }}}\n{{ end }}"})
		}),
		packed("a template takes all memory", guardBounds, "ChartTooLarge", false, func() []byte { return chartOf(one(`repeat 1000000000 "xxxxxxxxxx" | len`)) }),
		packed("a template includes itself", guardBounds, "ChartInvalid", false, func() []byte {
			return chartOf(map[string]string{"templates/a.yaml": `{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`})
		}),
		packed("YAML that refers to itself again and again", guardBounds, "ChartInvalid", false, func() []byte { return chartOf(map[string]string{"templates/a.yaml": aliases()}) }),
		tells("a template looks a secret up", `(lookup "v1" "Secret" "victim" "orders-db").data | default "nothing"`, false),
		tells("a template asks DNS", `getHostByName "localhost" | default "nothing"`, true),
		tells("a template reads a file of the operator's", `.Files.Get "/etc/passwd" | default "nothing"`, false),
		{"a template tells its values by failing", guardDiscreet, "ChartInvalid", func(a *tenant) result {
			spec := a.bundle(chartOf(one(`fail (printf "it is %s" .Values.word)`)), values{"values": values{"word": planted}})
			o := a.app("app", spec)
			must(a.t, a.create(o))
			return a.outcome(o, func() bool { return strings.Contains(words(o), planted) })
		}, true},
		{"a template tells its values by failing while it is counted", guardDiscreet, "estimate: ", func(a *tenant) result {
			spec := a.bundle(chartOf(one(`fail (printf "it is %s" .Values.word)`)), values{"values": values{"word": planted}})
			return a.counted(spec, func(o *unstructured.Unstructured) bool { return strings.Contains(words(o), planted) })
		}, true},
		{"an error is as long as the values that are looked for in it", guardDiscreet, "ChartInvalid", func(a *tenant) result {
			many := make([]any, 0, 20_000)
			for i := range cap(many) {
				many = append(many, fmt.Sprintf("%05d", i))
			}
			return a.runs(a.bundle(chartOf(one(`fail (repeat 200000 "12345 ")`)), values{"values": values{"many": many}}))
		}, false},
	}
}

// aliases is YAML in which each line is nine times the one before.
func aliases() string {
	text := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for name := 'b'; name < 'h'; name++ {
		text += fmt.Sprintf("%c: &%c [%s]\n", name, name, strings.Repeat(fmt.Sprintf(",*%c", name-1), 9)[1:])
	}
	return text
}

// hugeAttacks are more than anybody needs.
func hugeAttacks() []attack {
	request := func(name, guard, says string, proof bool, spec func() values) attack {
		return attack{name, guard, says, func(a *tenant) result { return asked(a.create(a.app("app", spec()))) }, proof}
	}
	many := func(n int, each func(i int) any) []any {
		all := make([]any, 0, n)
		for i := range n {
			all = append(all, each(i))
		}
		return all
	}
	return []attack{
		request("an application has nearly 2 MiB", guardServer, "too large", false, func() values {
			m := configMap("a", nil)
			m["data"] = values{"x": strings.Repeat("x", 1900<<10)}
			return values{"manifests": []any{m}}
		}),
		request("a manifest is nested 12,000 deep", guardServer, "exceeded max depth", false, func() values {
			var inner any = values{}
			for range 12_000 {
				inner = values{"a": inner}
			}
			return values{"manifests": []any{values{"apiVersion": "v1", "kind": "ConfigMap", "metadata": values{"name": "a"}, "data": inner}}}
		}),
		request("an application uses 200 claims", guardSchema, "must have at most 32 items", true, func() values {
			return values{"uses": many(200, func(i int) any { return values{"kind": "MySQLInstance", "name": fmt.Sprint("a", i)} })}
		}),
		request("an application has 201 manifests", guardSchema, "must have at most 200 items", false, func() values {
			return values{"manifests": many(201, func(i int) any { return configMap(fmt.Sprint("a", i), nil) })}
		}),
		request("an application asks for an amount that takes hours to be added to another", guardSchema, "nobody can mean an exponent of so many digits", false, func() values {
			return values{"placement": values{"requests": values{"cpu": "1e-999999999"}}}
		}),
		request("a chart has 2000 values", guardSchema, "must have at most 1024", false, func() values {
			v := values{}
			for i := range 2000 {
				v[fmt.Sprint("a", i)] = 1
			}
			return values{"chart": values{"sourceRef": values{"name": "configmaps"}, "name": "it", "version": "1.0.0", "values": v}}
		}),
		{"a chart's values have 300 KiB", guardBounds, "ChartTooLarge", func(a *tenant) result {
			return a.runs(a.bundle(chartOf(one(`"yes"`)), values{"values": values{"x": strings.Repeat("x", 300<<10)}}))
		}, false},
		{"a chart's values are nested 500 deep", guardBounds, "ChartInvalid", func(a *tenant) result {
			var inner any = "x"
			for range 500 {
				inner = values{"a": inner}
			}
			return a.runs(a.bundle(chartOf(one(`fail "deep"`)), values{"values": values{"x": inner}}))
		}, false},
		{"a connection template has 33 keys", guardSchema, "must have at most 32", func(a *tenant) result {
			keys := values{}
			for i := range 33 {
				keys[fmt.Sprint("a", i)] = "x"
			}
			return asked(a.create(a.claim("a", values{"connectionTemplate": keys})))
		}, false},
		{"a connection template has a text of 5 KiB", guardSchema, "Too long", func(a *tenant) result {
			return asked(a.create(a.claim("a", values{"connectionTemplate": values{"a": strings.Repeat("x", 5<<10)}})))
		}, false},
	}
}
