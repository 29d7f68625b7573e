// KrakenD's engine: lura with krakend-jose, as krakend-ce puts them together, for tests alone.
//
// krakend-ce itself cannot be had as a module. What its other modules do with the parts of the kit that the engine
// does not know is done here in the smallest way: the template with the environment (flexible configuration), the
// header that a backend is sent (modifier/martian), and expressions over the token (validation/cel). The rate limit
// (qos/ratelimit/router) is not.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"text/template"

	"github.com/gin-gonic/gin"
	"github.com/google/cel-go/cel"
	jose "github.com/krakend/krakend-jose/v2"
	ginjose "github.com/krakend/krakend-jose/v2/gin"
	"github.com/luraproject/lura/v2/config"
	"github.com/luraproject/lura/v2/logging"
	"github.com/luraproject/lura/v2/proxy"
	router "github.com/luraproject/lura/v2/router/gin"
	"github.com/luraproject/lura/v2/transport/http/client"
	"github.com/luraproject/lura/v2/transport/http/server"
)

const (
	martianNamespace = "github.com/devopsfaith/krakend-martian"
	celNamespace     = "github.com/devopsfaith/krakend-cel"
)

func main() {
	logger, err := logging.NewLogger("WARNING", os.Stderr, "[KRAKEND]")
	must(err)
	config.ExtraConfigAlias = map[string]string{
		"auth/validator":   jose.ValidatorNamespace,
		"router":           router.Namespace,
		"modifier/martian": martianNamespace,
		"validation/cel":   celNamespace,
	}
	config.RoutingPattern = config.ColonRouterPatternBuilder
	serviceConfig, err := config.NewParser().Parse(rendered(os.Args[1]))
	must(err)
	serviceConfig.Normalize() // as krakend-ce does; without it, no name of a kit is known
	gin.SetMode(gin.ReleaseMode)

	backends := func(backend *config.Backend) proxy.Proxy {
		next := proxy.NewHTTPProxyWithHTTPExecutor(backend, client.DefaultHTTPRequestExecutor(client.NewHTTPClient), backend.Decoder)
		return withHeader(backend, next)
	}
	rejecters := jose.ChainedRejecterFactory{jose.RejecterFactoryFunc(newRejecter)}
	factory := router.NewFactory(router.Config{
		Engine:         router.NewEngine(serviceConfig, router.EngineOptions{Logger: logger, Writer: os.Stderr, Formatter: func(gin.LogFormatterParams) string { return "" }}),
		ProxyFactory:   proxy.NewDefaultFactory(backends, logger),
		Middlewares:    []gin.HandlerFunc{},
		Logger:         logger,
		HandlerFactory: ginjose.HandlerFactory(router.EndpointHandler, logger, rejecters),
		RunServer:      router.RunServerFunc(server.RunServerWithLoggerFactory(logger)),
	})
	factory.New().Run(serviceConfig)
}

// The file with the values of the environment in their places.
func rendered(name string) string {
	functions := template.FuncMap{
		"env": os.Getenv,
		"toJson": func(value any) (string, error) {
			text, err := json.Marshal(value)
			return string(text), err
		},
	}
	text, err := os.ReadFile(name)
	must(err)
	var out bytes.Buffer
	must(template.Must(template.New("").Funcs(functions).Parse(string(text))).Execute(&out, nil))
	file, err := os.CreateTemp("", "krakend*.json")
	must(err)
	_, err = file.Write(out.Bytes())
	must(err)
	must(file.Close())
	return file.Name()
}

// modifier/martian with a header.Modifier.
func withHeader(backend *config.Backend, next proxy.Proxy) proxy.Proxy {
	martian, _ := backend.ExtraConfig[martianNamespace].(map[string]any)
	modifier, ok := martian["header.Modifier"].(map[string]any)
	if !ok {
		return next
	}
	name, value := modifier["name"].(string), modifier["value"].(string)
	return func(ctx context.Context, request *proxy.Request) (*proxy.Response, error) {
		headers := map[string][]string{name: {value}}
		for key, values := range request.Headers {
			if _, set := headers[key]; !set {
				headers[key] = values
			}
		}
		request.Headers = headers
		return next(ctx, request)
	}
}

// validation/cel: expressions over JWT; one that is false, or fails, rejects the token.
func newRejecter(logger logging.Logger, endpoint *config.EndpointConfig) jose.Rejecter {
	checks, ok := endpoint.ExtraConfig[celNamespace].([]any)
	if !ok {
		return jose.FixedRejecter(false)
	}
	environment, err := cel.NewEnv(cel.Variable("JWT", cel.MapType(cel.StringType, cel.DynType)))
	must(err)
	var programs []cel.Program
	for _, check := range checks {
		ast, issues := environment.Compile(check.(map[string]any)["check_expr"].(string))
		must(issues.Err())
		program, err := environment.Program(ast)
		must(err)
		programs = append(programs, program)
	}
	return jose.RejecterFunc(func(claims map[string]any) bool {
		for _, program := range programs {
			result, _, err := program.Eval(map[string]any{"JWT": claims})
			if err != nil || result.Value() != true {
				return true
			}
		}
		return false
	})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
